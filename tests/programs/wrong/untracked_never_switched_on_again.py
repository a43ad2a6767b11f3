# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    a, b, c = (torch.zeros(1, device=x.device, requires_grad=True) for _ in range(3))
    for _ in range(steps):
        loss = ((a * x**2 + b * x + c - y) ** 2).mean()  # <- untracked-forward
        loss.backward()
        torch.set_grad_enabled(False)  # <- untracked-forward
        for p in (a, b, c):
            p -= lr * p.grad
            p.grad = None
    return a, b, c
