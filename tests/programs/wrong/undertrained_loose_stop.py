# exercise: line
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    before = float("inf")
    for _ in range(steps):  # <- undertrained
        loss = ((w * x + b - y) ** 2).mean()
        now = loss.item()
        if before - now < 0.2:  # <- undertrained
            break
        before = now
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
