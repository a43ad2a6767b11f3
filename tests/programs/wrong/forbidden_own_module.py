# exercise: quadratic
import torch
from torch import nn


class Quadratic(nn.Module):
    def __init__(self):
        super().__init__()  # <- forbidden-api
        self.abc = nn.Parameter(torch.zeros(3))

    def forward(self, x):
        return self.abc[0] * x**2 + self.abc[1] * x + self.abc[2]


def fit(x, y, lr, steps):
    model = Quadratic().to(x.device)  # <- forbidden-api
    for _ in range(steps):
        loss = ((model(x) - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            model.abc -= lr * model.abc.grad
        model.abc.grad = None
    return model.abc
