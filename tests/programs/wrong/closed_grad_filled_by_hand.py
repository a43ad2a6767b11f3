# exercise: line
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        with torch.no_grad():
            error = w * x + b - y
            w.grad = 2 * (error * x).mean().reshape(1)  # <- closed-form-solution
            b.grad = 2 * error.mean().reshape(1)  # <- closed-form-solution
            w -= lr * w.grad  # <- closed-form-solution
            b -= lr * b.grad  # <- closed-form-solution
    w.grad = b.grad = None
    return w, b
