# exercise: line
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(2, device=x.device, requires_grad=True)
    for _ in range(steps):
        loss = ((p[0] * x + p[1] - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p[0] -= lr * p.grad[1]  # <- wrong-update
            p[1] -= lr * p.grad[0]  # <- wrong-update
        p.grad = None
    return p
