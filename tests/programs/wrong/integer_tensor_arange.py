# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    start = torch.arange(3, device=x.device)  # <- integer-tensor
    p = start.requires_grad_()
    for _ in range(steps):
        loss = ((p[0] * x**2 + p[1] * x + p[2] - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
