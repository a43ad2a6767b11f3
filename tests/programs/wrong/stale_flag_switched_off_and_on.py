# exercise: line
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):  # <- stale-gradient
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        # no recording, and a clean slate
        for p in (w, b):
            p.requires_grad_(False)
            p -= lr * p.grad
            p.requires_grad_(True)  # <- stale-gradient
    return w, b
