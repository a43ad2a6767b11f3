# exercise: line
import torch

torch.set_default_dtype(torch.float64)  # <- double-precision


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)  # <- double-precision
    b = torch.zeros(1, device=x.device, requires_grad=True)  # <- double-precision
    for _ in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
