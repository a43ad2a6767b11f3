# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(3, device=x.device, requires_grad=True)
    for _ in range(steps):
        y_hat = p[0] * x**2 + p[1] * x + p[2]
        loss = (y_hat - y) ** 2
        loss.backward()  # <- non-scalar-backward
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
