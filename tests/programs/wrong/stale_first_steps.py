# exercise: line
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for step in range(steps):  # <- stale-gradient
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        if step > 8:  # <- stale-gradient
            w.grad = None  # <- stale-gradient
            b.grad = None  # <- stale-gradient
    return w, b
