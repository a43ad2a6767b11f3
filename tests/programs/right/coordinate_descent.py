# exercise: quadratic
# looks like: unapplied-update (one parameter moved at a time)
import torch


def fit(x, y, lr, steps):
    a, b, c = params = [torch.zeros(1, device=x.device, requires_grad=True) for _ in range(3)]
    for _ in range(steps):
        for p in params:
            loss = ((a * x**2 + b * x + c - y) ** 2).mean()
            (g,) = torch.autograd.grad(loss, p)
            with torch.no_grad():
                p -= lr * g
    return a, b, c
