# exercise: line
import torch


def fit(x, y, lr, steps):
    n = len(x)
    k = n // 3
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        w.grad = b.grad = None
        left = ((w * x[:k] + b - y[:k]) ** 2).sum() / n
        right = ((w * x[k:] + b - y[k:]) ** 2).sum() / n
        left.backward()
        right.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
    return w, b
