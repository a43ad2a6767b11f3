"""quadratic fit - Yuki Tanaka

I used torch.autograd.grad because then nothing needs to be zeroed.
"""
import torch


def fit(x, y, lr, steps):
    dev = x.device
    params = [torch.randn(1, device=dev, requires_grad=True) for _ in range(3)]
    a, b, c = params
    for _ in range(steps):
        loss = torch.mean((a * x.pow(2) + b * x + c - y).pow(2))
        grads = torch.autograd.grad(loss, params)
        with torch.no_grad():
            for p, g in zip(params, grads):
                p.sub_(lr * g)
    return a, b, c
