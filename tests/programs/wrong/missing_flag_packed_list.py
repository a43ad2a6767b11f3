# exercise: line
import torch


def fit(x, y, lr, steps):
    theta = torch.tensor([0.0, 0.0], device=x.device)  # <- missing-requires-grad
    for _ in range(steps):
        loss = ((theta[0] * x + theta[1] - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            theta -= lr * theta.grad
        theta.grad = None
    return theta
