# exercise: line
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(2, device=x.device, requires_grad=True)
    v = torch.zeros_like(p)
    for _ in range(steps):
        loss = ((p[0] * x + p[1] - y) ** 2).mean()
        (g,) = torch.autograd.grad(loss, p)
        v = 1.1 * v + g  # <- diverged
        with torch.no_grad():
            p -= lr * v  # <- diverged
    return p
