# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    a = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    c = torch.zeros(1, device=x.device, requires_grad=True)
    features = a * x**2 + b * x  # <- repeated-backward
    for _ in range(steps):
        loss = ((features + c - y) ** 2).mean()
        loss.backward(retain_graph=True)
        with torch.no_grad():
            for p in (a, b, c):
                p -= lr * p.grad
                p.grad = None
    return a, b, c
