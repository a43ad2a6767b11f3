# exercise: line
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward(retain_graph=True)  # <- repeated-backward
        loss.backward()  # <- repeated-backward
        with torch.no_grad():
            w -= lr * w.grad / 2
            b -= lr * b.grad / 2
        w.grad = b.grad = None
    return w, b
