# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    X = torch.stack([x**2, x, torch.ones_like(x)], dim=1)
    p = torch.linalg.solve(X.T @ X, X.T @ y)  # <- closed-form-solution
    return p.requires_grad_()
