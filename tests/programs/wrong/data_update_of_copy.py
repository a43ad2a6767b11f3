# exercise: line
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        for p in (w, b):
            q = p.data.clone()
            q -= lr * p.grad  # <- unapplied-update
            p.grad.zero_()
    return w, b
