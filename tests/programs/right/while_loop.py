# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    p = torch.randn(3, device=x.device, requires_grad=True)
    powers = torch.stack([x**2, x, x**0])
    done = 0
    while True:
        if done == steps:
            break
        loss = ((p @ powers - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
        done += 1
    return p
