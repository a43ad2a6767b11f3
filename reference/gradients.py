"""A model solution of `gradients`."""

import torch
from torch import Tensor


def line_gradients(x: Tensor, y: Tensor, w: float, b: float) -> tuple[Tensor, Tensor, Tensor]:
    """The mean squared error of ``w * x + b`` on ``(x, y)``, and its derivatives."""
    # Two leaves where the data are: autograd differentiates with respect to them.
    slope = torch.tensor([w], device=x.device, requires_grad=True)
    intercept = torch.tensor([b], device=x.device, requires_grad=True)
    loss = ((slope * x + intercept - y) ** 2).mean()
    loss.backward()
    return loss.detach(), slope.grad, intercept.grad
