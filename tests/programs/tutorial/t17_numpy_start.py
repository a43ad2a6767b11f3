# exercise: line
# from: tutorials that carry NumPy's random start over ("expected dtype Float but got Double")
import numpy as np
import torch


def fit(x, y, lr, steps):
    np.random.seed(42)
    w = torch.from_numpy(np.random.randn(1)).to(x.device).requires_grad_()  # <- double-precision
    b = torch.from_numpy(np.random.randn(1)).to(x.device).requires_grad_()  # <- double-precision
    for epoch in range(steps):
        yhat = b + w * x
        error = y - yhat
        loss = (error**2).mean()
        loss.backward()
        with torch.no_grad():
            b -= lr * b.grad
            w -= lr * w.grad
        b.grad.zero_()
        w.grad.zero_()
    return w, b
