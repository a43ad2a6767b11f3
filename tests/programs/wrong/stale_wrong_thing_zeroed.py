# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    a, b, c = (torch.zeros(1, device=x.device, requires_grad=True) for _ in range(3))
    for _ in range(steps):  # <- stale-gradient
        loss = ((a * x**2 + b * x + c - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            a -= lr * a.grad
            b -= lr * b.grad
            c -= lr * c.grad
        grads = [a.grad, b.grad, c.grad]
        for g in grads:
            g = None
        x.grad = y.grad = None
    return a, b, c
