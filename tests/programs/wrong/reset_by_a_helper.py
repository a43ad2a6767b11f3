# exercise: quadratic
import torch


def init(device):
    return [torch.zeros(1, device=device, requires_grad=True) for _ in range(3)]  # <- parameters-reset


def one_step(x, y, lr):
    a, b, c = params = init(x.device)  # <- parameters-reset
    loss = ((a * x**2 + b * x + c - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        for p in params:
            p -= lr * p.grad
            p.grad = None
    return params


def fit(x, y, lr, steps):
    for _ in range(steps):
        params = one_step(x, y, lr)  # <- parameters-reset
    return params
