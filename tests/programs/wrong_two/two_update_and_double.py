# exercise: line
import torch


def fit(x, y, lr, steps):
    w = torch.tensor([0.0], dtype=torch.float64, device=x.device, requires_grad=True)  # <- double-precision
    b = torch.tensor([0.0], dtype=torch.float64, device=x.device, requires_grad=True)  # <- double-precision
    for _ in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * w.grad  # <- wrong-update
        w.grad = b.grad = None
    return w, b
