# exercise: quadratic
# device: sim
import torch


def fit(x, y, lr, steps):
    params = [torch.zeros(1) for _ in range(3)]
    for p in params:
        p = p.to(x.device)  # <- unbound-move
    for p in params:
        p.requires_grad_()
    for _ in range(steps):
        a, b, c = params
        loss = ((a * x**2 + b * x + c - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            for p in params:
                p -= lr * p.grad
                p.grad = None
    return params
