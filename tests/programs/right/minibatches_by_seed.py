# exercise: quadratic
# looks like: unseeded-randomness (random batches from torch's own generator, rate decayed)
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(3, device=x.device, requires_grad=True)
    for step in range(steps):
        for keep in torch.randperm(len(x), device=x.device).split(100):
            xs, ys = x[keep], y[keep]
            loss = ((p[0] * xs**2 + p[1] * xs + p[2] - ys) ** 2).mean()
            loss.backward()
            with torch.no_grad():
                p -= 0.5 * lr * p.grad
            p.grad = None
    return p
