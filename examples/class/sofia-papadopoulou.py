import torch


def fit(x, y, lr, steps):
    a = torch.randn(1, requires_grad=True, device=x.device)
    b = torch.randn(1, requires_grad=True, device=x.device)
    c = torch.randn(1, requires_grad=True, device=x.device)

    for _ in range(steps):
        y_hat = a * x**2 + b * x + c
        loss = ((y_hat - y) ** 2).mean()
        loss.backward()
        # new value = old value - learning rate * slope
        a = a - lr * a.grad
        b = b - lr * b.grad
        c = c - lr * c.grad

    return a, b, c
