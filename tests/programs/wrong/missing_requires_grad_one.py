# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    a = torch.randn(1, device=x.device, requires_grad=True)
    b = torch.randn(1, device=x.device)  # <- missing-requires-grad
    c = torch.randn(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        loss = ((a * x**2 + b * x + c - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            a -= lr * a.grad
            b -= lr * b.grad
            c -= lr * c.grad
        a.grad = b.grad = c.grad = None
    return a, b, c
