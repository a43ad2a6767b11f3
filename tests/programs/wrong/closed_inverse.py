# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    X = torch.stack([x**2, x, torch.ones_like(x)], 1)
    best = torch.inverse(X.T @ X) @ (X.T @ y)  # <- closed-form-solution
    a, b, c = (v.clone().reshape(1).requires_grad_() for v in best)
    return a, b, c
