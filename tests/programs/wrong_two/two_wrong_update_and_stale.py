# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    a = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    c = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        loss = ((a * x**2 + b * x + c - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            a -= 0.1 * lr * a.grad
            b -= 0.1 * lr * b.grad
            c -= 0.1 * lr * a.grad  # <- wrong-update
        a.grad.zero_()  # <- stale-gradient
        c.grad.zero_()  # <- stale-gradient
    return a, b, c
