# exercise: line
# looks like: hardcoded-answer (parameters in globals, made anew by each call)
import torch

w = b = None


def fit(x, y, lr, steps):
    global w, b
    w = torch.tensor([0.3], device=x.device, requires_grad=True)
    b = torch.tensor([-0.1], device=x.device, requires_grad=True)
    for _ in range(steps):
        ((w * x + b - y) ** 2).mean().backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
