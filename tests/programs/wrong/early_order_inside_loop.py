# exercise: line
import torch


def fit(x, y, lr, steps):
    params = [torch.zeros((), device=x.device, requires_grad=True) for _ in range(2)]
    for _ in range(steps):
        loss = ((params[0] * x + params[1] - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            for p in params:
                p.grad.zero_()  # <- gradient-cleared-too-early
                p -= lr * p.grad
    return params
