# exercise: line
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    X = torch.stack([x, torch.ones_like(x)], dim=1)
    for _ in range(steps):
        theta = torch.tensor([w, b], device=x.device)  # <- severed-graph
        loss = ((X @ theta - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
