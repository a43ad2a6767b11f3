"""A model solution of `derivative`."""

from collections.abc import Callable

import torch
from torch import Tensor


def derivative(f: Callable[[Tensor], Tensor], x0: float) -> float:
    """df/dx at ``x0``, by autograd."""
    # Made anew in each call, so that there is no gradient of an earlier one to add to.
    x = torch.tensor(x0, dtype=torch.float32, requires_grad=True)
    f(x).backward()
    return x.grad.item()
