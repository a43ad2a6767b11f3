# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(3, device=x.device, requires_grad=True)
    X = torch.stack([x**2, x, torch.ones_like(x)], 1)
    for step in range(steps):  # <- stale-gradient
        loss = ((X @ p - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        if step % 10 == 0:  # <- stale-gradient
            print(step, loss.detach())
            p.grad.zero_()  # <- stale-gradient
    return p
