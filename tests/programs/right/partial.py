# exercise: quadratic
from functools import partial

import torch


def descend(x, y, lr, steps, powers):
    columns = torch.stack([x**k for k in powers])
    p = torch.zeros(len(powers), device=x.device, requires_grad=True)
    for _ in range(steps):
        g = torch.autograd.grad(((p @ columns - y) ** 2).mean(), p)[0]
        with torch.no_grad():
            p -= lr * g
    return (p,)


fit = partial(descend, powers=(2, 1, 0))
