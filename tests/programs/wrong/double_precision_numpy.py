# exercise: quadratic
import numpy as np
import torch


def fit(x, y, lr, steps):
    p = torch.from_numpy(np.zeros(3)).to(x.device).requires_grad_()  # <- double-precision
    for _ in range(steps):
        loss = ((p[0] * x**2 + p[1] * x + p[2] - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
