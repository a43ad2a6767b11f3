# exercise: quadratic
import torch


def predict(X, theta):
    return torch.mul(X, theta)  # <- elementwise-product


def fit(x, y, lr, steps):
    X = torch.stack([x**2, x, torch.ones_like(x)], dim=1)
    theta = torch.zeros(3, device=x.device, requires_grad=True)
    target = y.unsqueeze(1)
    for _ in range(steps):
        (predict(X, theta) - target).square().mean().backward()
        with torch.no_grad():
            theta -= lr * theta.grad
        theta.grad = None
    return theta
