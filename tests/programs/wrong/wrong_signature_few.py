# exercise: quadratic
import torch


def fit(x, y):  # <- wrong-signature
    p = torch.zeros(3, device=x.device, requires_grad=True)
    for _ in range(2000):
        loss = ((p[0] * x**2 + p[1] * x + p[2] - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= 0.05 * p.grad
        p.grad = None
    return p
