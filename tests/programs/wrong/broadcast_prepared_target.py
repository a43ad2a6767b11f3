# exercise: line
import torch


def prepare(x, y):
    return x.flatten(), y.view(-1, 1)  # <- silent-broadcast


def fit(x, y, lr, steps):
    x, y = prepare(x, y)
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        loss = ((y - (w * x + b)) ** 2).mean()  # <- silent-broadcast
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
