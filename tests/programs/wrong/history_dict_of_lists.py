# exercise: line
import collections

import torch


def fit(x, y, lr, steps):
    log = collections.defaultdict(list)
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for i in range(steps):
        pred = w * x + b
        loss = ((pred - y) ** 2).mean()
        loss.backward()
        log["loss"].append(loss)  # <- retained-graph
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
