# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    a = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    c = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        loss = ((a * x**2 + b * x + c - y) ** 2).mean()
        loss.backward(retain_graph=True)
        loss.backward()  # <- repeated-backward
        with torch.no_grad():
            a -= 0.5 * lr * a.grad
            b -= 0.5 * lr * b.grad  # <- unapplied-update
        a.grad = b.grad = c.grad = None
    return a, b, c
