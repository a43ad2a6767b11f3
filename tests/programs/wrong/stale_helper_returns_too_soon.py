# exercise: quadratic
import torch


def zero_grad(params):
    for p in params:
        if p.grad is not None:
            p.grad = None  # <- stale-gradient
            return  # <- stale-gradient


def fit(x, y, lr, steps):
    a, b, c = params = [torch.zeros(1, device=x.device, requires_grad=True) for _ in range(3)]
    for _ in range(steps):  # <- stale-gradient
        zero_grad([c])
        loss = ((a * x * x + b * x + c - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            for p in params:
                p -= lr * p.grad
        zero_grad(params)  # <- stale-gradient
    return params
