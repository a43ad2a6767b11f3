# exercise: quadratic
import torch
from torch import optim


def fit(x, y, lr, steps):
    p = torch.zeros(3, device=x.device, requires_grad=True)
    opt = optim.SGD([p], lr, momentum=0.3)  # <- forbidden-api
    for _ in range(steps):
        opt.zero_grad()
        ((p[0] * x**2 + p[1] * x + p[2] - y) ** 2).mean().backward()
        opt.step()
    return p
