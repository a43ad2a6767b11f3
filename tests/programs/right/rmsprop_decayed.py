# exercise: quadratic
# looks like: wrong-update (RMSprop by hand, with a falling rate)
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(3, device=x.device, requires_grad=True)
    mean_square = torch.zeros(3, device=x.device)
    total = max(steps, 300)
    for t in range(total):
        ((p[0] * x**2 + p[1] * x + p[2] - y) ** 2).mean().backward()
        mean_square = 0.9 * mean_square + 0.1 * p.grad**2
        with torch.no_grad():
            p -= 0.1 * (1 - t / total) * p.grad / (mean_square.sqrt() + 1e-3)
        p.grad = None
    return p
