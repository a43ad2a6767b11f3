# exercise: quadratic
# looks like: parameters-reset (two whole trainings, the better one is returned)
import torch


def train(x, y, lr, steps):
    p = torch.randn(3, device=x.device, requires_grad=True)
    for _ in range(steps):
        loss = ((p[0] * x**2 + p[1] * x + p[2] - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return loss.item(), p


def fit(x, y, lr, steps):
    runs = [train(x, y, lr, steps) for _ in range(2)]
    return min(runs, key=lambda run: run[0])[1]
