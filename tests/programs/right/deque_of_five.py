# exercise: quadratic
# looks like: retained-graph (the last five losses: memory does not grow with the steps)
from collections import deque

import torch


def fit(x, y, lr, steps):
    p = torch.zeros(3, device=x.device, requires_grad=True)
    recent = deque(maxlen=5)
    for _ in range(steps):
        loss = ((p[0] * x**2 + p[1] * x + p[2] - y) ** 2).mean()
        recent.append(loss)
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    print("mean of the last five", sum(l.item() for l in recent) / len(recent))
    return p
