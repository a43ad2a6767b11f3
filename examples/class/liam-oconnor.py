# Liam O'Connor
# follows the line example from class but with three parameters
import torch


def fit(x, y, lr, steps):
    a = torch.randn(1, requires_grad=True, device=x.device)
    b = torch.randn(1, requires_grad=True, device=x.device)
    c = torch.zeros(1, requires_grad=True, device=x.device)
    for i in range(steps):
        pred = a * x**2 + b * x + c
        loss = ((pred - y)**2).mean()
        loss.backward()

        # gradient descent
        a -= lr * a.grad
        b -= lr * b.grad
        c -= lr * c.grad

        # reset
        a.grad = None
        b.grad = None
        c.grad = None
    return a, b, c
