# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    X = torch.stack([x**2, x, torch.ones_like(x)], dim=1)
    beta = torch.zeros(3, device=x.device, requires_grad=True)
    for _ in range(steps):
        r = X @ beta - y
        loss = torch.dot(r, r) / len(r)
        loss.backward()
        with torch.no_grad():
            beta -= lr * beta.grad
            beta.grad.zero_()
    return beta
