# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    params = [torch.ones(1, device=x.device, requires_grad=True) for _ in range(3)]
    for step in range(steps):
        a, b, c = params
        loss = ((a * x**2 + b * x + c - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            for p in params:
                p -= lr * p.grad
            for p in params:
                p[...] = 0  # <- cleared-parameter
    return params
