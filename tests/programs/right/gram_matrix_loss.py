# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    """The mean squared error as a quadratic form: the data are only needed once."""
    X = torch.stack((x**2, x, torch.ones_like(x)), 1)
    n = len(x)
    G, h, k = X.T @ X / n, X.T @ y / n, (y @ y) / n
    p = torch.zeros(3, device=x.device, requires_grad=True)
    for _ in range(steps):
        loss = p @ G @ p - 2 * h @ p + k
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
            p.grad = None
    return p
