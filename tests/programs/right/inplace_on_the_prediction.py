# exercise: line
# looks like: tracked-inplace-update (the prediction is changed in place, not a parameter)
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        residual = w * x
        residual += b
        residual -= y
        (residual**2).mean().backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
