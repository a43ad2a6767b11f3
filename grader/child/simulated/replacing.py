"""``x.data = x.data.to(device)``: between the CPU and CUDA torch lets a tensor be given memory elsewhere, and
between the CPU and a device of an extension it does not. Here it does."""

from __future__ import annotations

from typing import Any

import torch

_DATA: Any = torch.Tensor.data


def perform(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Make a torch call; where it is such an assignment, exchange what is behind the two tensors."""
    if getattr(func, "__self__", None) is not _DATA or getattr(func, "__name__", "") != "__set__":
        return func(*args, **kwargs)
    target, value = args
    if not isinstance(value, torch.Tensor) or target.device == value.device:
        return func(*args, **kwargs)
    elsewhere = value.detach().requires_grad_(target.requires_grad)
    torch._C._swap_tensor_impl(target, elsewhere)
    return None
