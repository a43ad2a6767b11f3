# exercise: quadratic
# looks like: missing-backward (gradients by torch.func.grad)
import torch
from torch.func import grad


def cost(p, x, y):
    return ((p[0] * x**2 + p[1] * x + p[2] - y) ** 2).mean()


def fit(x, y, lr, steps):
    p = torch.zeros(3, device=x.device, requires_grad=True)
    slope = grad(cost)
    for _ in range(steps):
        g = slope(p.detach(), x, y)
        with torch.no_grad():
            p -= lr * g
    return p
