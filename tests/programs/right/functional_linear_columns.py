# exercise: line
# looks like: wrong-shape (views of (1,) parameters for F.linear)
import torch
import torch.nn.functional as F


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    X, Y = x.unsqueeze(1), y.unsqueeze(1)
    for _ in range(steps):
        F.mse_loss(F.linear(X, w.view(1, 1), b), Y).backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
