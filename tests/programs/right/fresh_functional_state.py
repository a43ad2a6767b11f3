# exercise: quadratic
# looks like: parameters-reset (a new leaf in every call, from the old values)
import torch


def step(values, x, y, lr):
    p = values.clone().requires_grad_()
    loss = ((p[0] * x**2 + p[1] * x + p[2] - y) ** 2).mean()
    loss.backward()
    return values - lr * p.grad


def fit(x, y, lr, steps):
    values = torch.zeros(3, device=x.device)
    for _ in range(steps):
        values = step(values, x, y, lr)
    return values.requires_grad_()
