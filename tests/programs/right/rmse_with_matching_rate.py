# exercise: line
# looks like: wrong-update (the loss's value scales the rate: the root's derivative undone)
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        rmse = ((w * x + b - y) ** 2).mean().sqrt()
        rmse.backward()
        rate = 2 * lr * rmse.detach()
        with torch.no_grad():
            w -= rate * w.grad
            b -= rate * b.grad
        w.grad = b.grad = None
    return w, b
