# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    a = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    c = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        loss = ((a * x**2 + b * x + c - y) ** 2).mean()
        loss.backward()
    with torch.no_grad():
            a -= lr * a.grad
        b -= lr * b.grad  # <- import-failure
    return a, b, c
