# exercise: line
import torch


def phase(params, x, y, rate, steps, model):
    for _ in range(steps):
        loss = ((model(*params, x) - y) ** 2).mean()
        grads = torch.autograd.grad(loss, params)
        with torch.no_grad():
            for p, g in zip(params, grads):
                p -= rate * g


def fit(x, y, lr, steps):
    """The intercept alone first, then both."""
    b = torch.zeros(1, device=x.device, requires_grad=True)
    phase([b], x, y, lr, 5, lambda b, x: b + 0 * x)
    w = torch.zeros(1, device=x.device, requires_grad=True)
    phase([w, b], x, y, lr, steps, lambda w, b, x: w * x + b)
    return w, b
