# exercise: line
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        for xs, ys in zip(x.chunk(2), y.chunk(2)):
            w.grad = None  # <- gradient-cleared-too-early
            b.grad = None  # <- gradient-cleared-too-early
            (((w * xs + b - ys) ** 2).mean() / 2).backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
    return w, b
