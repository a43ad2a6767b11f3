# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    a, b, c = (torch.zeros(1, device=x.device, requires_grad=True) for _ in range(3))
    for _ in range(steps):
        y_hat = a * x**2 + b * x + c
        loss = ((y_hat - y) ** 2).mean()  # <- missing-backward
        with torch.no_grad():
            a -= lr * a.grad
            b -= lr * b.grad
            c -= lr * c.grad
        a.grad = b.grad = c.grad = None
    return a, b, c
