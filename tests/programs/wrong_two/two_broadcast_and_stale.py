# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(3, device=x.device, requires_grad=True)
    target = y.reshape(-1, 1)  # <- silent-broadcast
    for _ in range(steps):  # <- stale-gradient
        error = p[0] * x**2 + p[1] * x + p[2] - target  # <- silent-broadcast
        (error**2).mean().backward()
        with torch.no_grad():
            p -= lr * p.grad
    return p
