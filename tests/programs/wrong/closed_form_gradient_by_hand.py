# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    """Descent with the derivative worked out on paper."""
    p = torch.zeros(3, device=x.device, requires_grad=True)
    X = torch.stack([x**2, x, torch.ones_like(x)], dim=1)
    for _ in range(steps):
        with torch.no_grad():
            slope = 2 * X.T @ (X @ p - y) / len(y)  # <- closed-form-solution
            p -= lr * slope
    return p
