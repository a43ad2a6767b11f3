import numpy as np
import torch

rng = np.random.default_rng(0)


def fit(x, y, lr, steps):
    # start values from numpy, I know it better
    start = rng.standard_normal(3)
    a = torch.tensor(start[:1], requires_grad=True, device=x.device)
    b = torch.tensor(start[1:2], requires_grad=True, device=x.device)
    c = torch.tensor(start[2:], requires_grad=True, device=x.device)

    for step in range(steps):
        loss = ((a * x**2 + b * x + c - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            for p in [a, b, c]:
                p -= lr * p.grad
                p.grad.zero_()
    return a, b, c
