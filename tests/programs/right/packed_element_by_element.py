# exercise: line
# looks like: tracked-inplace-update (elements of a packed leaf moved one by one, under no_grad)
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(2, device=x.device, requires_grad=True)
    for _ in range(steps):
        ((p[0] * x + p[1] - y) ** 2).mean().backward()
        with torch.no_grad():
            p[0] -= lr * p.grad[0]
            p[1] -= lr * p.grad[1]
        p.grad = None
    return p
