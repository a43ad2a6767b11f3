# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    a, b, c = params = [torch.zeros(1, device=x.device, requires_grad=True) for _ in range(3)]
    copies = [p.detach().clone() for p in params]  # <- unapplied-update
    for _ in range(steps):
        loss = ((a * x**2 + b * x + c - y) ** 2).mean()
        loss.backward()
        for copy, p in zip(copies, params):
            copy -= lr * p.grad  # <- unapplied-update
            p.grad = None
    return a, b, c
