# exercise: quadratic
# looks like: closed-form-solution (finite differences, as a check at the first step)
import torch


def cost(p, x, y):
    return ((p[0] * x**2 + p[1] * x + p[2] - y) ** 2).mean()


def fit(x, y, lr, steps):
    p = torch.zeros(3, device=x.device, requires_grad=True)
    for step in range(steps):
        cost(p, x, y).backward()
        with torch.no_grad():
            if step == 0:
                nudge = torch.tensor([0.0, 1e-2, 0.0], device=x.device)
                numeric = (cost(p + nudge, x, y) - cost(p - nudge, x, y)) / 2e-2
                print("checked", numeric, p.grad[1])
            p -= lr * p.grad
        p.grad = None
    return p
