# exercise: line
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device)  # <- missing-requires-grad
    b = torch.zeros(1, device=x.device)  # <- missing-requires-grad
    w.requires_grad == True  # <- missing-requires-grad
    b.requires_grad == True  # <- missing-requires-grad
    for _ in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
