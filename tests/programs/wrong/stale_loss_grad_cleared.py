# exercise: line
import torch


def fit(x, y, lr, steps):
    theta = torch.zeros(2, device=x.device, requires_grad=True)
    for _ in range(steps):  # <- stale-gradient
        loss = ((theta[0] * x + theta[1] - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            theta.sub_(lr * theta.grad)
        loss.grad = None  # <- stale-gradient
    return theta
