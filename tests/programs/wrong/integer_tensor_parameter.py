# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    a = torch.tensor([1], device=x.device, requires_grad=True)  # <- integer-tensor
    b = torch.tensor([-1.0], device=x.device, requires_grad=True)
    c = torch.tensor([0.0], device=x.device, requires_grad=True)
    for _ in range(steps):
        loss = ((a * x**2 + b * x + c - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            for p in (a, b, c):
                p -= lr * p.grad
                p.grad = None
    return a, b, c
