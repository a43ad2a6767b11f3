# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    theta = torch.zeros(3, device=x.device)  # <- missing-requires-grad
    for _ in range(steps):
        loss = ((theta[0] * x**2 + theta[1] * x + theta[2] - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            theta -= lr * theta.grad
            theta.grad.zero_()
    return theta
