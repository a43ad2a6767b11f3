# exercise: quadratic
import torch


def evaluate(p, x, y):
    return ((p[0] * x**2 + p[1] * x + p[2] - y) ** 2).mean().item()  # <- tracked-evaluation (warning)


def fit(x, y, lr, steps):
    p = torch.zeros(3, device=x.device, requires_grad=True)
    for step in range(steps):
        ((p[0] * x**2 + p[1] * x + p[2] - y) ** 2).mean().backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
        if step % 10 == 9:
            print("mse", evaluate(p, x, y))  # <- tracked-evaluation (warning)
    return p
