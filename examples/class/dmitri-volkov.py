import torch

def fit(x, y, lr, steps):
    a = torch.randn(1, requires_grad=True, device=x.device)
    b = torch.randn(1, requires_grad=True, device=x.device)
    c = torch.zeros(1, requires_grad=True, device=x.device)

    for step in range(steps):
        y_hat = a * x**2 + b * x + c
        loss = ((y_hat - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            a -= lr * a.grad
            b -= lr * b.grad
            c -= lr * c.grad
        if step % 100 == 0:
            print(step, loss.item())   # why does it go up and down???

    return a, b, c
