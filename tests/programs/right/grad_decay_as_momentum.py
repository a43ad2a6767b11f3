# exercise: quadratic
# looks like: stale-gradient (the gradient is decayed, not cleared: momentum kept in .grad)
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(3, device=x.device, requires_grad=True)
    for _ in range(steps):
        if p.grad is not None:
            p.grad *= 0.5  # momentum 0.5, with .grad as the velocity
        ((p[0] * x**2 + p[1] * x + p[2] - y) ** 2).mean().backward()
        with torch.no_grad():
            p -= 0.6 * lr * p.grad
    return p
