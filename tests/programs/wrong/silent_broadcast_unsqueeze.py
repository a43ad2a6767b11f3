# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    targets = y.unsqueeze(-1)
    p = torch.zeros(3, device=x.device, requires_grad=True)
    for _ in range(steps):
        y_hat = p[0] * x**2 + p[1] * x + p[2]
        error = y_hat - targets  # <- silent-broadcast
        loss = (error**2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
