# exercise: quadratic
# looks like: unapplied-update (moved by torch._foreach_add_)
import torch


def fit(x, y, lr, steps):
    params = [torch.zeros(1, device=x.device, requires_grad=True) for _ in range(3)]
    for _ in range(steps):
        a, b, c = params
        ((a * x**2 + b * x + c - y) ** 2).mean().backward()
        with torch.no_grad():
            torch._foreach_add_(params, [p.grad for p in params], alpha=-lr)
        for p in params:
            del p.grad
    return params
