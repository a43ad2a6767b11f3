# exercise: quadratic
# looks like: wrong-update (a velocity is subtracted)
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(3, device=x.device, requires_grad=True)
    velocity = torch.zeros(3, device=x.device)
    for _ in range(steps):
        ((p[0] * x**2 + p[1] * x + p[2] - y) ** 2).mean().backward()
        velocity.mul_(0.5).add_(p.grad)
        with torch.no_grad():
            p.sub_(velocity, alpha=lr * 0.6)
        p.grad = None
    return p
