# exercise: quadratic
# looks like: tracked-rebinding (detach_ makes the new tensors leaves)
import torch


def fit(x, y, lr, steps):
    a, b, c = [torch.zeros(1, device=x.device, requires_grad=True) for _ in range(3)]
    for _ in range(steps):
        loss = ((a * x**2 + b * x + c - y) ** 2).mean()
        grads = torch.autograd.grad(loss, (a, b, c))
        a, b, c = [(p - lr * g).detach_().requires_grad_() for p, g in zip((a, b, c), grads)]
    return a, b, c
