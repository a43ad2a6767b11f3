# exercise: quadratic
# looks like: repeated-backward (one call for two losses: one walk)
import torch


def fit(x, y, lr, steps):
    a, b, c = (torch.zeros(1, device=x.device, requires_grad=True) for _ in range(3))
    for _ in range(steps):
        residual = a * x**2 + b * x + c - y
        even = residual[::2].square().mean() / 2
        odd = residual[1::2].square().mean() / 2
        torch.autograd.backward([even, odd])
        with torch.no_grad():
            for p in (a, b, c):
                p -= lr * p.grad
                p.grad = None
    return a, b, c
