# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    a = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    c = torch.zeros(1, device=x.device, requires_grad=True)
    halves = [(x[0::2], y[0::2]), (x[1::2], y[1::2])]
    for _ in range(steps):
        # the gradient of the mean over all points is the mean of the two halves' gradients
        for xs, ys in halves:
            loss = ((a * xs**2 + b * xs + c - ys) ** 2).mean() / len(halves)
            loss.backward()
        with torch.no_grad():
            for p in (a, b, c):
                p -= lr * p.grad
                p.grad = None
    return a, b, c
