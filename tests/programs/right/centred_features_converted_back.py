# exercise: quadratic
# looks like: hardcoded-answer (new leaves at the end, converted from other parameters)
import torch


def fit(x, y, lr, steps):
    square = x**2
    mean = square.mean()
    p = torch.zeros(3, device=x.device, requires_grad=True)
    for _ in range(steps):
        loss = ((p[0] * (square - mean) + p[1] * x + p[2] - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    with torch.no_grad():
        a, b, c = p[0].clone(), p[1].clone(), p[2] - p[0] * mean
    return a.requires_grad_(), b.requires_grad_(), c.requires_grad_()
