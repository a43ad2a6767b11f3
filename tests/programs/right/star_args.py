# exercise: quadratic
import torch


def polynomial(x, *coefficients):
    value = 0
    for k in coefficients:
        value = value * x + k
    return value


def fit(*args):
    x, y, lr, steps = args
    start = {"device": x.device, "requires_grad": True}
    ps = [torch.zeros(1, **start) for _ in "abc"]
    for _ in range(steps):
        torch.mean((polynomial(x, *ps) - y) ** 2).backward()
        with torch.no_grad():
            for p in ps:
                p -= lr * p.grad
                p.grad = None
    return ps
