# exercise: line
# device: sim
import torch


def fit(x, y, lr, steps):
    x, y = x.cpu(), y.cpu()
    w = torch.zeros(1, requires_grad=True)  # <- hardcoded-device
    b = torch.zeros(1, requires_grad=True)
    for _ in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
