# exercise: line
import torch

model = lambda w, b: lambda x: w * x + b
mse = lambda p, t: ((p - t) ** 2).mean()


def fit(x, y, lr, steps):
    make = lambda: torch.zeros(1, device=x.device, requires_grad=True)
    w, b = make(), make()
    for _ in range(steps):
        mse(model(w, b)(x), y).backward()
        with torch.no_grad():
            [p.sub_(lr * p.grad) for p in (w, b)]
        [setattr(p, "grad", None) for p in (w, b)]
    return w, b
