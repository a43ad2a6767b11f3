# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    X = torch.stack([x**2, x, torch.ones_like(x)], dim=1)
    p = torch.zeros(3, device=x.device, requires_grad=True)
    for _ in range(steps):
        y_hat = (X * p).sum(dim=1, keepdim=True)  # <- silent-broadcast
        loss = ((y_hat - y) ** 2).mean()  # <- silent-broadcast
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
