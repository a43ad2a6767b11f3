# exercise: line
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)

    def cost(w, b):
        return ((w * x + b - y) ** 2).mean()

    h = 1e-2
    with torch.no_grad():
        for _ in range(steps):
            dw = (cost(w + h, b) - cost(w - h, b)) / (2 * h)  # <- closed-form-solution
            db = (cost(w, b + h) - cost(w, b - h)) / (2 * h)  # <- closed-form-solution
            w -= lr * dw  # <- closed-form-solution
            b -= lr * db  # <- closed-form-solution
    return w, b
