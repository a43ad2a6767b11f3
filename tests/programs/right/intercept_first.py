# exercise: line
# looks like: unapplied-update (the slope waits while the intercept warms up)
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for step in range(steps + 10):
        ((w * x + b - y) ** 2).mean().backward()
        with torch.no_grad():
            b -= lr * b.grad
            if step >= 10:
                w -= lr * w.grad
        w.grad = b.grad = None
    return w, b
