# exercise: line
import torch


def fit(x, y, lr, steps):
    fast = [torch.zeros(1, device=x.device, requires_grad=True) for _ in range(2)]
    slow = [p.detach().clone() for p in fast]
    for k in range(1, steps + 1):
        w, b = fast
        ((w * x + b - y) ** 2).mean().backward()
        with torch.no_grad():
            for p in fast:
                p -= lr * p.grad
                p.grad = None
            if k % 5 == 0:
                for s, p in zip(slow, fast):
                    s += 0.8 * (p - s)
                    p.copy_(s)
    return fast
