# exercise: quadratic
# looks like: tracked-inplace-update (recording is off inside a context manager of one's own)
from contextlib import contextmanager

import torch


@contextmanager
def update_of(*params):
    with torch.no_grad():
        yield [p.grad for p in params]
    for p in params:
        p.grad = None


def fit(x, y, lr, steps):
    a, b, c = (torch.zeros(1, device=x.device, requires_grad=True) for _ in range(3))
    for _ in range(steps):
        ((a * x**2 + b * x + c - y) ** 2).mean().backward()
        with update_of(a, b, c) as (da, db, dc):
            a -= lr * da
            b -= lr * db
            c -= lr * dc
    return a, b, c
