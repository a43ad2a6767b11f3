# exercise: quadratic
import torch
import torch.nn.functional as F


def cost(p, x, y):
    return F.mse_loss(p[0] * x**2 + p[1] * x + p[2], y, reduction="none")  # <- non-scalar-backward


def fit(x, y, lr, steps):
    p = torch.zeros(3, device=x.device, requires_grad=True)
    for _ in range(steps):
        cost(p, x, y).backward()  # <- non-scalar-backward
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
