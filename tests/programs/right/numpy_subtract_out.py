# exercise: line
# looks like: unapplied-update (moved through a NumPy view)
import numpy as np
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(2, requires_grad=True)
    view = p.detach().numpy()
    for _ in range(steps):
        loss = ((p[0] * x + p[1] - y) ** 2).mean()
        loss.backward()
        np.subtract(view, lr * p.grad.numpy(), out=view)
        p.grad = None
    return p
