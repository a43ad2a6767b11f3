# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    params = [torch.zeros(1, device=x.device, requires_grad=True) for _ in range(3)]
    used = filter(lambda p: p.grad is not None, params)  # <- stale-gradient
    for _ in range(steps):  # <- stale-gradient
        a, b, c = params
        loss = ((a * x**2 + b * x + c - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            for p in params:
                p.sub_(p.grad, alpha=lr)
        for p in used:  # <- stale-gradient
            p.grad.zero_()  # <- stale-gradient
    return tuple(params)
