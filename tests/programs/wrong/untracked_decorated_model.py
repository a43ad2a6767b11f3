# exercise: quadratic
import torch


@torch.no_grad()  # <- untracked-forward
def predict(params, x):
    a, b, c = params
    return a * x**2 + b * x + c  # <- untracked-forward


def fit(x, y, lr, steps):
    params = tuple(torch.zeros(1, device=x.device, requires_grad=True) for _ in range(3))
    for _ in range(steps):
        loss = ((predict(params, x) - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            for p in params:
                p -= lr * p.grad
                p.grad = None
    return params
