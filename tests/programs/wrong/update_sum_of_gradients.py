# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    a, b, c = params = [torch.zeros(1, device=x.device, requires_grad=True) for _ in range(3)]
    for _ in range(steps):
        loss = ((a * x**2 + b * x + c - y) ** 2).mean()
        loss.backward()
        slope = a.grad + b.grad + c.grad  # <- wrong-update
        with torch.no_grad():
            for p in params:
                p -= lr * slope  # <- wrong-update
                p.grad = None
    return a, b, c
