# exercise: line
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    with torch.no_grad():
        for _ in range(steps):
            error = w * x + b - y
            dw = 2 * (error * x).mean()  # <- closed-form-solution
            db = 2 * error.mean()  # <- closed-form-solution
            w -= lr * dw  # <- closed-form-solution
            b -= lr * db  # <- closed-form-solution
    return w, b
