# exercise: line
# looks like: stale-gradient (the alias that is zeroed is the gradient itself)
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(2, device=x.device, requires_grad=True)
    p.grad = torch.zeros_like(p)
    buffer = p.grad
    for _ in range(steps):
        buffer.zero_()
        ((p[0] * x + p[1] - y) ** 2).mean().backward()
        with torch.no_grad():
            p -= lr * buffer
    return p
