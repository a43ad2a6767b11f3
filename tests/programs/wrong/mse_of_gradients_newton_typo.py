# exercise: line
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        total = w.grad + b.grad
        with torch.no_grad():
            w -= lr * total  # <- wrong-update
            b -= lr * total  # <- wrong-update
        w.grad = b.grad = None
    return w, b
