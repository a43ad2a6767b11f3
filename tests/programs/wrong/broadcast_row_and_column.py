# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    row, column = x[None, :], y[:, None]  # <- silent-broadcast
    a, b, c = (torch.zeros(1, device=x.device, requires_grad=True) for _ in range(3))
    for _ in range(steps):
        residual = torch.sub(column, a * row**2 + b * row + c)  # <- silent-broadcast
        residual.square().mean().backward()
        with torch.no_grad():
            for p in (a, b, c):
                p -= lr * p.grad
                p.grad = None
    return a, b, c
