# exercise: line
# looks like: diverged (a rate for each parameter)
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    rates = {w: 2.5 * lr, b: lr}
    for _ in range(steps):
        ((w * x + b - y) ** 2).mean().backward()
        with torch.no_grad():
            for p, rate in rates.items():
                p.add_(p.grad, alpha=-rate)
                p.grad = None
    return w, b
