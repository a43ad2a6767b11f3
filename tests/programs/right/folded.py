# exercise: quadratic
# looks like: tracked-rebinding (functools.reduce hands the same leaf on)
from functools import reduce

import torch


def fit(x, y, lr, steps):
    def step(p, _):
        ((p[0] * x**2 + p[1] * x + p[2] - y) ** 2).mean().backward()
        with torch.no_grad():
            p.sub_(lr * p.grad)
        p.grad = None
        return p

    return reduce(step, range(steps), torch.zeros(3, device=x.device, requires_grad=True))
