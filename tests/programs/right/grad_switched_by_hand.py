# exercise: quadratic
# looks like: untracked-forward (set_grad_enabled off and on again)
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(3, device=x.device, requires_grad=True)
    for _ in range(steps):
        ((p[0] * x**2 + p[1] * x + p[2] - y) ** 2).mean().backward()
        torch.set_grad_enabled(False)
        try:
            p -= lr * p.grad
        finally:
            torch.set_grad_enabled(True)
        p.grad = None
    return p
