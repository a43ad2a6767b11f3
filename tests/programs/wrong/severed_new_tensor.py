# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(3, device=x.device, requires_grad=True)
    for _ in range(steps):
        total = ((p[0] * x**2 + p[1] * x + p[2] - y) ** 2).mean()
        loss = torch.tensor(float(total), requires_grad=True)  # <- severed-graph
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
