# exercise: line
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        loss = -((w * x + b - y) ** 2).mean()  # <- gradient-ascent
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad  # <- gradient-ascent
            b -= lr * b.grad  # <- gradient-ascent
        w.grad = b.grad = None
    return w, b
