# exercise: line
import torch
from torch import nn


def fit(x, y, lr, steps):
    criterion = nn.MSELoss()  # <- forbidden-api
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):  # <- stale-gradient
        criterion(w * x + b, y).backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
    return w, b
