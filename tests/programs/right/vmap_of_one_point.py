# exercise: line
# looks like: python-loop (a model of one point, mapped by torch.vmap)
import torch


def fit(x, y, lr, steps):
    w = torch.zeros((), device=x.device, requires_grad=True)
    b = torch.zeros((), device=x.device, requires_grad=True)
    error = torch.vmap(lambda u, v: (w * u + b - v) ** 2)
    for _ in range(steps):
        error(x, y).mean().backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
