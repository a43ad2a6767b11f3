# exercise: line
import torch


def epoch(x, y, lr):
    w = torch.rand(1, device=x.device, requires_grad=True)  # <- parameters-reset
    b = torch.rand(1, device=x.device, requires_grad=True)
    for xb, yb in zip(x.split(50), y.split(50)):
        loss = ((w * xb + b - yb) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b


def fit(x, y, lr, steps):
    for _ in range(steps):
        w, b = epoch(x, y, lr)  # <- parameters-reset
    return w, b
