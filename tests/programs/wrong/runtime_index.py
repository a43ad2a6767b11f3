# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(3, device=x.device, requires_grad=True)
    for _ in range(steps):
        loss = ((p[1] * x**2 + p[2] * x + p[3] - y) ** 2).mean()  # <- runtime-error
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
