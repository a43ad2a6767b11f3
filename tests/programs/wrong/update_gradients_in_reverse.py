# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    a, b, c = (torch.zeros(1, device=x.device, requires_grad=True) for _ in range(3))
    for _ in range(steps):
        loss = ((a * x**2 + b * x + c - y) ** 2).mean()
        grads = torch.autograd.grad(loss, (c, b, a))  # <- wrong-update
        with torch.no_grad():
            for p, g in zip((a, b, c), grads):
                p -= lr * g  # <- wrong-update
    return a, b, c
