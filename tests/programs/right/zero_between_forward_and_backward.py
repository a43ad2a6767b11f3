# exercise: line
import torch


def fit(x, y, lr, steps):
    w = torch.randn(1, device=x.device, requires_grad=True)
    b = torch.randn(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        w.grad = b.grad = None
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
    return w, b
