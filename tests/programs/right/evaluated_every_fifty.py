# exercise: quadratic
# looks like: tracked-evaluation (under no_grad, every fifty steps)
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(3, device=x.device, requires_grad=True)

    @torch.no_grad()
    def evaluate():
        return ((p[0] * x**2 + p[1] * x + p[2] - y) ** 2).mean().item()

    for step in range(steps):
        ((p[0] * x**2 + p[1] * x + p[2] - y) ** 2).mean().backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
        if step % 50 == 49:
            print(step, evaluate())
    return p
