# exercise: quadratic
# looks like: diverged (a summed loss, the rate divided by the number of points)
import torch


def fit(x, y, lr, steps):
    a, b, c = (torch.zeros(1, device=x.device, requires_grad=True) for _ in range(3))
    rate = lr / x.numel()
    for _ in range(steps):
        residual = a * x**2 + b * x + c - y
        torch.dot(residual, residual).backward()
        with torch.no_grad():
            for p in (a, b, c):
                p -= rate * p.grad
                p.grad = None
    return a, b, c
