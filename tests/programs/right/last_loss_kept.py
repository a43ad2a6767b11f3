# exercise: line
# looks like: retained-graph (only the newest loss is kept)
import torch


class Log:
    last = None


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        Log.last = ((w * x + b - y) ** 2).mean()
        Log.last.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    print("finally", Log.last.item())
    Log.last = None
    return w, b
