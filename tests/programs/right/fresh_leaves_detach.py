# exercise: line
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        w = (w.detach() - lr * w.grad).requires_grad_()
        b = (b.detach() - lr * b.grad).requires_grad_()
    return w, b
