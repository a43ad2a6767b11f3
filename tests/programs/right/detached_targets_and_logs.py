# exercise: line
# looks like: severed-graph (detach, math.sqrt and torch.tensor, all beside the graph)
import math

import torch


def fit(x, y, lr, steps):
    target = y.detach().clone()
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for step in range(steps):
        guess = w * x + b
        loss = ((guess - target) ** 2).mean()
        if step % 25 == 0:
            print(step, math.sqrt(loss.item()), torch.tensor(loss.item()), guess.detach().cpu().numpy().max())
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
