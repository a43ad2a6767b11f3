# exercise: line
# looks like: wrong-update (Rprop by hand: the gradient's sign, with step sizes that adapt)
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(2, device=x.device, requires_grad=True)
    size = torch.full((2,), 0.1, device=x.device)
    before = torch.zeros(2, device=x.device)
    for _ in range(steps):
        loss = ((p[0] * x + p[1] - y) ** 2).mean()
        (g,) = torch.autograd.grad(loss, p)
        same = torch.sign(g * before)
        size = torch.where(same > 0, size * 1.2, torch.where(same < 0, size * 0.5, size)).clamp(1e-6, 1.0)
        with torch.no_grad():
            p -= torch.sign(g) * size
        before = g
    return p
