# exercise: line
import torch
from torch import nn


def fit(x, y, lr, steps):
    w = nn.Parameter(torch.randn(1, device=x.device))
    b = nn.Parameter(torch.zeros(1, device=x.device))
    for _ in range(steps):
        loss = torch.mean((w * x + b - y) ** 2)
        loss.backward()
        with torch.no_grad():
            for p in (w, b):
                p -= lr * p.grad
                p.grad = None
    return w, b
