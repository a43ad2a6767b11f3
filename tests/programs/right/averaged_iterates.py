# exercise: line
# looks like: non-leaf-parameter (the mean of the last iterates, in new leaves)
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    tail = []
    for step in range(steps):
        ((w * x + b - y) ** 2).mean().backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
            if step >= steps - 10:
                tail.append((w.clone(), b.clone()))
        w.grad = b.grad = None
    ws, bs = zip(*tail)
    return torch.stack(ws).mean(0).requires_grad_(), torch.stack(bs).mean(0).requires_grad_()
