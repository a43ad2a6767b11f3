# exercise: line
import torch


def fit(x, y, lr, steps):
    w = torch.ones(1, device=x.device, requires_grad=True)
    b = torch.ones(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        w.data = -lr * w.grad  # <- wrong-update
        b.data = -lr * b.grad  # <- wrong-update
        w.grad = b.grad = None
    return w, b
