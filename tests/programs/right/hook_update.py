# exercise: line
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)

    @torch.no_grad()
    def step(p):
        p -= lr * p.grad
        p.grad = None

    for p in (w, b):
        p.register_post_accumulate_grad_hook(step)
    for _ in range(steps):
        ((w * x + b - y) ** 2).mean().backward()
    return w, b
