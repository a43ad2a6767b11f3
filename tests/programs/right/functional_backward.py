# exercise: line
import torch


def fit(x, y, lr, steps):
    w = torch.ones(1, device=x.device, requires_grad=True)
    b = torch.ones(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        loss = (w * x + b - y).pow(2).mean()
        torch.autograd.backward(loss)
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        del w.grad
        del b.grad
    return w, b
