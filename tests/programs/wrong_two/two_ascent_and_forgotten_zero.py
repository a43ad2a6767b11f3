# exercise: line
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):  # <- stale-gradient
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w += 0.01 * w.grad  # <- gradient-ascent
            b += 0.01 * b.grad  # <- gradient-ascent
    return w, b
