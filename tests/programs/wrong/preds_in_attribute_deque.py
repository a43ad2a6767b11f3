# exercise: quadratic
from collections import deque

import torch


class Monitor:
    def __init__(self):
        self.recent = deque()

    def __call__(self, pred):
        self.recent.append(pred)  # <- retained-graph


def fit(x, y, lr, steps):
    monitor = Monitor()
    p = torch.zeros(3, device=x.device, requires_grad=True)
    for _ in range(steps):
        pred = p[0] * x**2 + p[1] * x + p[2]
        monitor(pred)
        loss = (pred - y).pow(2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
            p.grad.zero_()
    return p
