# exercise: line
# looks like: missing-backward (gradients by torch.autograd.functional.jacobian)
import torch
from torch.autograd.functional import jacobian


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        dw, db = jacobian(lambda w, b: ((w * x + b - y) ** 2).mean(), (w, b))
        with torch.no_grad():
            w -= lr * dw
            b -= lr * db
    return w, b
