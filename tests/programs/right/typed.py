# exercise: quadratic
from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import torch
from torch import Tensor


class Coefficients(NamedTuple):
    a: Tensor
    b: Tensor
    c: Tensor

    def __call__(self, x: Tensor) -> Tensor:
        return self.a * x.square() + self.b * x + self.c


def _step(parameters: Iterable[Tensor], rate: float) -> None:
    with torch.no_grad():
        for parameter in parameters:
            assert parameter.grad is not None
            parameter -= rate * parameter.grad
            parameter.grad = None


def fit(x: Tensor, y: Tensor, lr: float, steps: int, *, verbose: bool = False) -> Coefficients:
    model = Coefficients(*(torch.zeros(1, device=x.device, requires_grad=True) for _ in range(3)))
    for _ in range(steps):
        loss: Tensor = (model(x) - y).square().mean()
        loss.backward()
        _step(model, rate=lr)
        if verbose:
            print(loss)
    return model
