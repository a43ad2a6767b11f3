# exercise: line
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        ((w * x + b - y) ** 2).mean().backward()
        dw, db = w.grad, b.grad
        w.grad = b.grad = None  # dw and db keep the numbers
        with torch.no_grad():
            w -= lr * dw
            b -= lr * db
    return w, b
