# exercise: quadratic
import torch


@torch.no_grad()
def descend(params, lr):
    return [p.sub(p.grad, alpha=lr) for p in params]  # <- lost-requires-grad


def fit(x, y, lr, steps):
    params = [torch.zeros(1, device=x.device, requires_grad=True) for _ in range(3)]
    for _ in range(steps):
        a, b, c = params
        loss = ((a * x**2 + b * x + c - y) ** 2).mean()
        loss.backward()
        params = descend(params, lr)  # <- lost-requires-grad
    return params
