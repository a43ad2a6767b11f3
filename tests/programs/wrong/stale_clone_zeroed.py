# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(3, device=x.device, requires_grad=True)
    for _ in range(steps):  # <- stale-gradient
        loss = (p[0] * x.square() + p[1] * x + p[2] - y).square().mean()
        loss.backward()
        slope = p.grad.clone()
        with torch.no_grad():
            p -= lr * slope
        slope.zero_()  # <- stale-gradient
    return p
