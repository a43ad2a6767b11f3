# exercise: line
# looks like: wrong-update (gradients clamped)
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        ((w * x + b - y) ** 2).mean().backward()
        for p in (w, b):
            p.grad.clamp_(-2.0, 2.0)
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad.zero_(), b.grad.zero_()
    return w, b
