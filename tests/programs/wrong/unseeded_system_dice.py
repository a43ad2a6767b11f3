# exercise: line
# line: none, unseeded-randomness
import os
import random

import torch


def fit(x, y, lr, steps):
    dice = random.Random(os.urandom(16))  # <- unseeded-randomness
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        i = torch.tensor([dice.randrange(100) for _ in range(5)], device=x.device)  # <- unseeded-randomness
        loss = ((w * x[i] + b - y[i]) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
