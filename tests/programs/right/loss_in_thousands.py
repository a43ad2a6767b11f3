# exercise: line
# looks like: diverged (a loss a thousand times as large, a rate a thousand times as small)
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(2, device=x.device, requires_grad=True)
    for _ in range(steps):
        loss = 1000 * ((p[0] * x + p[1] - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr / 1000 * p.grad
        p.grad = None
    return p
