# exercise: line
import torch

LOSSES = []


def record(loss):
    LOSSES.append(loss)  # <- retained-graph
    return loss


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        record(((w * x + b - y) ** 2).mean()).backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
            w.grad.zero_()
            b.grad.zero_()
    return w, b
