# exercise: quadratic
# looks like: runtime-error (zeroed first, in a try)
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(3, device=x.device, requires_grad=True)
    for _ in range(steps):
        try:
            p.grad.zero_()
        except AttributeError:
            pass  # before the first backward
        ((p[0] * x**2 + p[1] * x + p[2] - y) ** 2).mean().backward()
        with torch.no_grad():
            p -= lr * p.grad
    return p
