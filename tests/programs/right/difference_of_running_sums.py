# exercise: quadratic
# looks like: stale-gradient (never cleared; the previous sum is taken off)
import torch


def fit(x, y, lr, steps):
    params = [torch.zeros(1, device=x.device, requires_grad=True) for _ in range(3)]
    seen = {i: torch.zeros(1, device=x.device) for i in range(3)}
    for _ in range(steps):
        a, b, c = params
        ((a * x**2 + b * x + c - y) ** 2).mean().backward()
        with torch.no_grad():
            for i, p in enumerate(params):
                fresh = p.grad - seen[i]
                seen[i].copy_(p.grad)
                p -= lr * fresh
    for p in params:
        p.grad = None
    return params
