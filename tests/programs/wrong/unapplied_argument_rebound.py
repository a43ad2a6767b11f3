# exercise: quadratic
import torch


def update(p, lr):
    with torch.no_grad():
        p = p - lr * p.grad  # <- unapplied-update


def fit(x, y, lr, steps):
    a, b, c = (torch.randn(1, device=x.device, requires_grad=True) for _ in range(3))
    for _ in range(steps):
        loss = ((a * x**2 + b * x + c - y) ** 2).mean()
        loss.backward()
        for p in (a, b, c):
            update(p, lr)  # <- unapplied-update
            p.grad = None
    return a, b, c
