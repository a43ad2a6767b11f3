# exercise: line
import torch


def clear(*params):
    for p in params:
        p.grad.mul(0)  # <- stale-gradient


def fit(x, y, lr, steps):
    w, b = (torch.randn(1, device=x.device, requires_grad=True) for _ in range(2))
    for _ in range(steps):  # <- stale-gradient
        torch.mean((w * x + b - y) ** 2).backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        clear(w, b)  # <- stale-gradient
    return w, b
