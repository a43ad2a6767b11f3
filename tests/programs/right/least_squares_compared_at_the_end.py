# exercise: line
# looks like: closed-form-solution (only printed, for comparison)
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(2, device=x.device, requires_grad=True)
    X = torch.stack([x, torch.ones_like(x)], 1)
    for _ in range(steps):
        ((X @ p - y) ** 2).mean().backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    with torch.no_grad():
        print("distance", (torch.linalg.lstsq(X, y[:, None]).solution[:, 0] - p).abs().max())
    return p
