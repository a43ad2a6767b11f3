# exercise: line
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    last = {}
    for _ in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            for name, p in (("w", w), ("b", b)):
                fresh = p.grad - last.get(name, 0)
                last[name] = p.grad
                p -= lr * fresh  # <- wrong-update
    return w, b
