# exercise: line
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device)
    b = torch.zeros(1, device=x.device)
    for _ in range(steps):
        for p in (w, b):
            p.requires_grad = True
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        for p in (w, b):
            p.requires_grad = False
            p -= lr * p.grad
            p.grad = None
    return w.requires_grad_(), b.requires_grad_()
