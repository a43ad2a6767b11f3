# exercise: line
import torch


def fit(x, y, lr, steps):
    n = len(x)
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    column = x.reshape(n, 1) * w + b
    for _ in range(steps):
        pred = (x.reshape(n, 1) * w + b).expand(n, n)
        loss = ((pred - y) ** 2).mean()  # <- silent-broadcast
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
