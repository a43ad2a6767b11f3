# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    params = [torch.zeros((), device=x.device, requires_grad=True) for _ in range(3)]
    for _ in range(steps):
        a, b, c = params
        ((a * x**2 + b * x + c - y) ** 2).mean().backward()
        g = params[0].grad  # <- wrong-update
        with torch.no_grad():
            for p in params:
                p.sub_(lr * g)  # <- wrong-update
        for p in params:
            p.grad = None
    return params
