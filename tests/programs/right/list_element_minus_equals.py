# exercise: line
# looks like: tracked-rebinding (list elements moved in place)
import torch


def fit(x, y, lr, steps):
    p = [torch.zeros(1, device=x.device, requires_grad=True) for _ in range(2)]
    for _ in range(steps):
        ((p[0] * x + p[1] - y) ** 2).mean().backward()
        with torch.no_grad():
            for i in range(len(p)):
                p[i] -= lr * p[i].grad
                p[i].grad = None
    return p
