# exercise: quadratic
import numpy as np
import torch


def fit(x, y, lr, steps):
    theta = np.zeros(3, dtype=np.float32)
    for _ in range(steps):
        t = torch.from_numpy(theta.copy()).to(x.device).requires_grad_()
        loss = ((t[0] * x**2 + t[1] * x + t[2] - y) ** 2).mean()
        loss.backward()
        theta -= lr * t.grad.cpu().numpy()
    return torch.from_numpy(theta).to(x.device).requires_grad_()
