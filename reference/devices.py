"""A model solution of `devices`."""

import torch
from torch import Tensor


def to_device(tensors: list[Tensor], device: torch.device) -> list[Tensor]:
    """The same tensors on ``device``. The ones that were given stay where they are."""
    return [tensor.to(device) for tensor in tensors]


def make_parameters(shapes: list[tuple[int, ...]], device: torch.device) -> list[Tensor]:
    """Float32 leaves that require grad, born on ``device``: what is moved afterwards is no leaf."""
    return [torch.randn(shape, device=device, requires_grad=True) for shape in shapes]


def best_device() -> torch.device:
    """CUDA where it is there, else MPS, else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")
