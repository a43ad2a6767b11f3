# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(3, device=x.device, requires_grad=True)
    for _ in range(steps):
        loss = ((p[0] * x**2 + p[1] * x + p[2] - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad.norm()  # <- wrong-update
            p.grad = None
    return p
