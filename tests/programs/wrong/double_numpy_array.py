# exercise: quadratic
import numpy as np
import torch


def fit(x, y, lr, steps):
    start = np.random.default_rng(0).normal(size=3)
    p = torch.tensor(start, device=x.device, requires_grad=True)  # <- double-precision
    for _ in range(steps):
        loss = ((p[0] * x**2 + p[1] * x + p[2] - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
