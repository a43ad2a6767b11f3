# exercise: line
import numpy as np
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        errors = w * x + b - y
        mse = np.mean(errors.detach().cpu().numpy() ** 2)  # <- severed-graph
        loss = torch.tensor(mse, requires_grad=True)  # <- severed-graph
        loss.backward()
        if w.grad is not None:
            with torch.no_grad():
                w -= lr * w.grad
                b -= lr * b.grad
            w.grad = b.grad = None
    return w, b
