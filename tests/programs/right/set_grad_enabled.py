# exercise: line
import torch


def fit(x, y, lr, steps):
    w = torch.randn(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        torch.set_grad_enabled(False)
        w -= lr * w.grad
        b -= lr * b.grad
        torch.set_grad_enabled(True)
        w.grad, b.grad = None, None
    return w, b
