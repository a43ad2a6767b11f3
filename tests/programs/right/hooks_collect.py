# exercise: line
# looks like: stale-gradient (hooks hand over the fresh gradients, .grad is never read)
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    fresh = {}
    w.register_hook(lambda g: fresh.__setitem__("w", g.clone()))
    b.register_hook(lambda g: fresh.__setitem__("b", g.clone()))
    for _ in range(steps):
        ((w * x + b - y) ** 2).mean().backward()
        with torch.no_grad():
            w -= lr * fresh["w"]
            b -= lr * fresh["b"]
    w.grad = b.grad = None
    return w, b
