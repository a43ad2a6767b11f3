# exercise: line
# line: none, closed-form-solution
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            err = w * x + b - y
            w -= lr * (2 * err * x).mean()
            b -= lr * (2 * err).mean()
        w.grad = b.grad = None
    return w, b
