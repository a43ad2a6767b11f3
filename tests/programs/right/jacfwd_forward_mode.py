# exercise: line
# looks like: missing-backward (forward-mode automatic differentiation)
import torch
from torch.func import jacfwd


def fit(x, y, lr, steps):
    p = torch.zeros(2, device=x.device, requires_grad=True)
    slope = jacfwd(lambda q: ((q[0] * x + q[1] - y) ** 2).mean())
    for _ in range(steps):
        g = slope(p.detach())
        with torch.no_grad():
            p.sub_(g, alpha=lr)
    return p
