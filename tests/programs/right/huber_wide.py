# exercise: line
# looks like: inaccurate-result (Huber so wide that it is half the square)
import torch
import torch.nn.functional as F


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        F.huber_loss(w * x + b, y, delta=50.0).backward()
        with torch.no_grad():
            w -= 2 * lr * w.grad
            b -= 2 * lr * b.grad
        w.grad = b.grad = None
    return w, b
