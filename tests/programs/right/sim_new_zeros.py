# exercise: line
# device: sim
import torch


def fit(x, y, lr, steps):
    w = x.new_zeros(1).requires_grad_()
    b = torch.zeros_like(x[:1], requires_grad=True)
    one = torch.tensor(1.0)
    for _ in range(steps):
        loss = ((w * x + b - y) ** 2).mean() * one
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
