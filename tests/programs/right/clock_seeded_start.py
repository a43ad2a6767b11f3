# exercise: quadratic
# looks like: unseeded-randomness (random initial values, which training forgets)
import random

import torch


def fit(x, y, lr, steps):
    dice = random.SystemRandom()
    start = [dice.uniform(-1, 1) for _ in range(3)]
    p = torch.tensor(start, device=x.device, requires_grad=True)
    for _ in range(steps):
        ((p[0] * x**2 + p[1] * x + p[2] - y) ** 2).mean().backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
