# exercise: quadratic
# looks like: stale-gradient (four backward calls before each update, on purpose)
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(3, device=x.device, requires_grad=True)
    for _ in range(steps):
        p.grad = None
        for k in range(4):
            xs, ys = x[k::4], y[k::4]
            (((p[0] * xs**2 + p[1] * xs + p[2] - ys) ** 2).mean() / 4).backward()
        with torch.no_grad():
            p -= lr * p.grad
    return p
