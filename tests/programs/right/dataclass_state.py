# exercise: line
from dataclasses import dataclass, fields

import torch


@dataclass
class Line:
    slope: torch.Tensor
    offset: torch.Tensor

    @classmethod
    def start(cls, device):
        return cls(*(torch.zeros(1, device=device, requires_grad=True) for _ in fields(cls)))

    def loss(self, x, y):
        return ((self.slope * x + self.offset - y) ** 2).mean()

    def tensors(self):
        return [getattr(self, f.name) for f in fields(self)]


def fit(x, y, lr, steps):
    line = Line.start(x.device)
    for _ in range(steps):
        line.loss(x, y).backward()
        with torch.no_grad():
            for t in line.tensors():
                t -= lr * t.grad
                t.grad = None
    return line.slope, line.offset
