import torch


def fit(x, y, lr, steps):
    # small initial values are better
    a = torch.randn(1, requires_grad=True, device=x.device) * 0.1
    b = torch.randn(1, requires_grad=True, device=x.device) * 0.1
    c = torch.randn(1, requires_grad=True, device=x.device) * 0.1

    for step in range(steps):
        y_hat = a * x**2 + b * x + c
        loss = ((y_hat - y) ** 2).mean()
        loss.backward()

        with torch.no_grad():
            a -= lr * a.grad
            b -= lr * b.grad
            c -= lr * c.grad

        a.grad = None
        b.grad = None
        c.grad = None

    return a, b, c
