# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(3, device=x.device, requires_grad=True)
    kept = []
    for step in range(steps):  # <- stale-gradient
        loss = ((p[0] * x**2 + p[1] * x + p[2] - y) ** 2).mean()
        loss.backward()
        kept.append(loss)  # <- retained-graph
        with torch.no_grad():
            p -= lr * p.grad
        if step % 2:  # <- stale-gradient
            p.grad = None  # <- stale-gradient
    return p
