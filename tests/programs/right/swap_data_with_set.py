# exercise: line
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        w.data = w.detach() - lr * w.grad
        b.data = b.detach() - lr * b.grad
        w.grad = None
        b.grad = None
    return w, b
