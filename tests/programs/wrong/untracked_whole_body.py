# exercise: line
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        with torch.no_grad():  # <- untracked-forward
            y_hat = w * x + b  # <- untracked-forward
            loss = ((y_hat - y) ** 2).mean()  # <- untracked-forward
            loss.backward()
            w -= lr * w.grad
            b -= lr * b.grad
            w.grad = b.grad = None
    return w, b
