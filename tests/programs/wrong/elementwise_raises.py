# exercise: line
import torch


def fit(x, y, lr, steps):
    X = torch.stack([x, torch.ones_like(x)], dim=1)
    p = torch.zeros(2, device=x.device, requires_grad=True)
    for _ in range(steps):
        y_hat = (X * p.reshape(2, 1)).squeeze(1)  # <- elementwise-product
        loss = ((y_hat - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
