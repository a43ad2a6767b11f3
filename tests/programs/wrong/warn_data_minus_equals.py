# exercise: line
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        ((w * x + b - y) ** 2).mean().backward()
        w.data -= lr * w.grad  # <- data-attribute-update (warning)
        b.data -= lr * b.grad  # <- data-attribute-update (warning)
        w.grad = b.grad = None
    return w, b
