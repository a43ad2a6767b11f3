# exercise: quadratic
# looks like: python-loop, integer-tensor (a loop over the coefficients; integer exponents)
import torch


def fit(x, y, lr, steps):
    exponents = torch.arange(2, -1, -1, device=x.device)
    p = torch.zeros(3, device=x.device, requires_grad=True)
    for _ in range(steps):
        guess = sum(p[k] * x ** exponents[k] for k in range(3))
        F = guess - y
        (F * F).mean().backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
