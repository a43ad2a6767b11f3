# exercise: line
import torch


def descend(w, b, x, y, lr, left):
    if left == 0:
        return w, b
    w.grad = b.grad = None
    ((w * x + b - y) ** 2).mean().backward()
    with torch.no_grad():
        w -= lr * w.grad
        b -= lr * b.grad
    return descend(w, b, x, y, lr, left - 1)


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    return descend(w, b, x, y, lr, steps)
