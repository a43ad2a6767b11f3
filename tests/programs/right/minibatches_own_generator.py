# exercise: line
# looks like: unseeded-randomness (a generator with a fixed seed, averaged at the end)
import torch


def fit(x, y, lr, steps):
    rng = torch.Generator().manual_seed(7)
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for epoch in range(steps):
        for keep in torch.randperm(len(x), generator=rng).chunk(2):
            keep = keep.to(x.device)
            rate = lr / (1 + epoch / 10)
            ((w * x[keep] + b - y[keep]) ** 2).mean().backward()
            with torch.no_grad():
                w -= rate * w.grad
                b -= rate * b.grad
            w.grad = b.grad = None
    return w, b
