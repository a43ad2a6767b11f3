# exercise: line
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        torch.autograd.grad(loss, (w, b))  # <- unapplied-update
        with torch.no_grad():
            if w.grad is not None:
                w -= lr * w.grad
                b -= lr * b.grad
    return w, b
