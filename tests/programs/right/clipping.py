# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    params = [torch.zeros(1, device=x.device, requires_grad=True) for _ in range(3)]
    a, b, c = params
    for _ in range(steps):
        loss = ((a * x**2 + b * x + c - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            norm = torch.sqrt(sum((p.grad**2).sum() for p in params))
            scale = torch.clamp(5.0 / (norm + 1e-12), max=1.0)
            for p in params:
                p -= lr * scale * p.grad
                p.grad = None
    return a, b, c
