# exercise: line
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, dtype=torch.float64, requires_grad=True)  # <- double-precision
    b = torch.zeros(1, device=x.device, dtype=torch.float64, requires_grad=True)  # <- double-precision
    for _ in range(steps):
        loss = ((w * x[:, None] + b - y) ** 2).mean()  # <- silent-broadcast
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
