# exercise: quadratic
# line: none, closed-form-solution
import torch


def fit(x, y, lr, steps):
    a = torch.zeros(1, device=x.device)
    b = torch.zeros(1, device=x.device)
    c = torch.zeros(1, device=x.device)
    for _ in range(steps):
        err = a * x**2 + b * x + c - y
        a = a - lr * 2 * (err * x**2).mean()
        b = b - lr * 2 * (err * x).mean()
        c = c - lr * 2 * err.mean()
    return a.requires_grad_(), b.requires_grad_(), c.requires_grad_()
