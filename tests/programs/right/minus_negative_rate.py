# exercise: quadratic
# looks like: gradient-ascent (two minus signs that cancel)
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(3, device=x.device, requires_grad=True)
    rate = -lr
    for _ in range(steps):
        ((p[0] * x**2 + p[1] * x + p[2] - y) ** 2).mean().backward()
        with torch.no_grad():
            p += rate * p.grad
        p.grad = None
    return p
