# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    a, b, c = (torch.zeros(1, device=x.device, requires_grad=True) for _ in range(3))
    for step in range(steps):  # <- undertrained
        loss = ((a * x**2 + b * x + c - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            for p in (a, b, c):
                p -= lr * p.grad
                p.grad = None
        return a, b, c
