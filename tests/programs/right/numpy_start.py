# exercise: line
import numpy as np
import torch


def fit(x, y, lr, steps):
    first = np.random.default_rng(5).normal(size=2)
    w = torch.tensor(first[:1], dtype=torch.float32, device=x.device, requires_grad=True)
    b = torch.from_numpy(first[1:]).float().to(x.device).requires_grad_()
    for _ in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            for p in (w, b):
                p -= lr * p.grad
                p.grad = None
    return w, b
