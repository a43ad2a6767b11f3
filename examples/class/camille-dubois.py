import matplotlib.pyplot as plt
import torch


def fit(x, y, lr, steps):
    a = torch.randn(1, requires_grad=True, device=x.device)
    b = torch.randn(1, requires_grad=True, device=x.device)
    c = torch.zeros(1, requires_grad=True, device=x.device)
    losses = []
    for step in range(steps):
        loss = ((a * x**2 + b * x + c - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            a -= lr * a.grad
            b -= lr * b.grad
            c -= lr * c.grad
        a.grad = b.grad = c.grad = None
        losses.append(loss.detach())
    plt.plot(losses)
    plt.savefig("loss.png")
    return a, b, c
