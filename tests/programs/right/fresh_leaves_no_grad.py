# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(3, device=x.device, requires_grad=True)
    X = torch.stack((x**2, x, torch.ones_like(x)), dim=1)
    for _ in range(steps):
        loss = ((X @ p - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p = p - lr * p.grad
        p.requires_grad_(True)
    return p
