# exercise: line
import torch


def fit(x, y, lr, steps):
    params = [torch.zeros(1, device=x.device, requires_grad=True) for _ in range(2)]
    for _ in range(steps):
        loss = ((params[0] * x + params[1] - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            moved = [p - lr * p.grad for p in params]  # <- unapplied-update
        for p in params:
            p.grad = None
    print("moved to", moved)
    return params
