# exercise: quadratic
import torch


def make(device):
    return torch.zeros(3, device=device, requires_grad=True)


def loss_of(p, x, y):
    raise NotImplementedError  # <- not-implemented


def fit(x, y, lr, steps):
    p = make(x.device)
    for _ in range(steps):
        loss_of(p, x, y).backward()
    return p
