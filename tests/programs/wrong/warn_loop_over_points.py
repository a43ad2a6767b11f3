# exercise: line
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        total = 0.0
        for i in range(len(x)):  # <- python-loop (warning)
            total = total + (w * x[i] + b - y[i]) ** 2  # <- python-loop (warning)
        loss = total.sum() / len(x)
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
