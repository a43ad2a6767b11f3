# exercise: line
# looks like: stale-gradient (zeroed only at odd passes, when the update is made)
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    halves = [(x[0::2], y[0::2]), (x[1::2], y[1::2])]
    for i in range(2 * steps):
        xs, ys = halves[i % 2]
        (0.5 * (w * xs + b - ys).square().mean()).backward()
        if i % 2 == 1:
            with torch.no_grad():
                for p in (w, b):
                    p -= lr * p.grad
                    p.grad.zero_()
    return w, b
