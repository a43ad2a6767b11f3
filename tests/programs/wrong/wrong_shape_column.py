# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    X = torch.stack([x**2, x, torch.ones_like(x)], dim=1)
    target = y.reshape(-1, 1)
    W = torch.zeros(3, 1, device=x.device, requires_grad=True)  # <- wrong-shape
    for _ in range(steps):
        loss = ((X @ W - target) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            W -= lr * W.grad
        W.grad = None
    return W
