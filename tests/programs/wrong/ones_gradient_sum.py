# exercise: line
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        loss = (w * x + b - y) ** 2
        loss.backward(torch.ones_like(loss))
        with torch.no_grad():
            w -= lr * w.grad  # <- diverged
            b -= lr * b.grad  # <- diverged
        w.grad = b.grad = None
    return w, b
