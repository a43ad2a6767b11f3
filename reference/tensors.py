"""A model solution of `tensors`."""

import torch
from torch import Tensor


def features_and_labels(rows: list[list[float]]) -> tuple[Tensor, Tensor]:
    """Rows of numbers, the last of each a class label, as float32 ``(N, D)`` and int64 ``(N,)``."""
    # Said outright: of ints alone, torch.tensor would make int64 features.
    features = torch.tensor([row[:-1] for row in rows], dtype=torch.float32)
    labels = torch.tensor([row[-1] for row in rows], dtype=torch.int64)
    return features, labels


def scratch_like(template: Tensor) -> Tensor:
    """Zeros of the template's shape, dtype and device."""
    return torch.zeros_like(template)


def sample_noise(n: int, seed: int) -> Tensor:
    """``n`` standard normal draws, float32 ``(n,)``, that ``seed`` alone governs."""
    # A generator of its own: whoever else draws from torch's is not disturbed.
    return torch.randn(n, generator=torch.Generator().manual_seed(seed))


def predict(X: Tensor, w: Tensor) -> Tensor:
    """The matrix-vector product of ``(N, D)`` and ``(D,)``: ``(N,)``."""
    return X @ w
