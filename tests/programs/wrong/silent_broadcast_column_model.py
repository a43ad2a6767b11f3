# exercise: quadratic
import torch


def mse(predictions, targets):
    return torch.mean((predictions - targets) ** 2)  # <- silent-broadcast


def fit(x, y, lr, steps):
    X = x.view(-1, 1)
    a, b, c = [torch.randn(1, device=x.device, requires_grad=True) for _ in range(3)]
    for _ in range(steps):
        mse(a * X**2 + b * X + c, y).backward()
        with torch.no_grad():
            for p in (a, b, c):
                p -= lr * p.grad
                p.grad.zero_()
    return a, b, c
