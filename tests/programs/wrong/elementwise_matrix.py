# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    X = torch.stack([x**2, x, torch.ones_like(x)], dim=1)
    p = torch.zeros(3, device=x.device, requires_grad=True)
    for _ in range(steps):
        y_hat = X * p  # <- elementwise-product
        loss = ((y_hat - y[:, None]) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
