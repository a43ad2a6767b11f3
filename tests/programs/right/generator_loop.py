# exercise: quadratic
from itertools import islice

import torch


def descent(p, x, y, lr):
    while True:
        loss = ((p[0] * x**2 + p[1] * x + p[2] - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
        yield loss.detach()


def fit(x, y, lr, steps):
    p = torch.zeros(3, device=x.device, requires_grad=True)
    for _ in islice(descent(p, x, y, lr), steps):
        pass
    return p
