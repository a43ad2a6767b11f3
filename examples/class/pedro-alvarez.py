# Pedro Álvarez
import torch


def fit(x, y, lr, steps):
    a = torch.randn(1, requires_grad=True, device=x.device)
    b = torch.randn(1, requires_grad=True, device=x.device)
    c = torch.zeros(1, requires_grad=True, device=x.device)

    step = 0
    while step < steps:
        y_hat = a * x**2 + b * x + c
        loss = ((y_hat - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            a -= lr * a.grad
            b -= lr * b.grad
            c -= lr * c.grad
        a.grad = b.grad = c.grad = None

    return a, b, c
