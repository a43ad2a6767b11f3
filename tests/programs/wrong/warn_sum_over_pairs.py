# exercise: line
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(2, device=x.device, requires_grad=True)
    for _ in range(steps):
        loss = sum((p[0] * xi + p[1] - yi) ** 2 for xi, yi in zip(x, y)) / len(x)  # <- python-loop (warning)
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
