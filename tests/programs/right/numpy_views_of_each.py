# exercise: quadratic
# looks like: unapplied-update (three NumPy views, moved in place)
import torch


def fit(x, y, lr, steps):
    a, b, c = params = [torch.zeros(1, requires_grad=True) for _ in range(3)]
    views = [p.detach().numpy() for p in params]
    for _ in range(steps):
        ((a * x**2 + b * x + c - y) ** 2).mean().backward()
        for p, v in zip(params, views):
            v -= lr * p.grad.numpy()
            p.grad.zero_()
    return a, b, c
