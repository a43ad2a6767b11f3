# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    W = torch.randn(1, 3, device=x.device, requires_grad=True)  # <- wrong-shape
    F = torch.stack([x**2, x, torch.ones_like(x)])
    for _ in range(steps):
        loss = ((W @ F - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            W -= lr * W.grad
        W.grad = None
    return W
