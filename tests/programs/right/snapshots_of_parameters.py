# exercise: line
# looks like: retained-graph (clones of the values, without history)
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    path = []
    for _ in range(steps):
        path.append(torch.cat([w, b]).detach())
        ((w * x + b - y) ** 2).mean().backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    print(torch.stack(path)[:3])
    return w, b
