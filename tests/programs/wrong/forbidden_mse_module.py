# exercise: quadratic
import torch
from torch import nn


def fit(x, y, lr, steps):
    criterion = nn.MSELoss()  # <- forbidden-api
    p = torch.zeros(3, device=x.device, requires_grad=True)
    for _ in range(steps):
        loss = criterion(p[0] * x**2 + p[1] * x + p[2], y)
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
