# exercise: line
import torch


def moved(parameter, lr):
    return parameter - lr * parameter.grad  # <- tracked-rebinding


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        w = moved(w, lr)  # <- tracked-rebinding
        b = moved(b, lr)  # <- tracked-rebinding
    return w, b
