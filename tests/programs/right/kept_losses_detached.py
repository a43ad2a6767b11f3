# exercise: line
import torch


def fit(x, y, lr, steps):
    w = torch.randn(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    curve = []
    for _ in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        curve.append(loss.detach())
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    print(torch.stack(curve)[-1])
    return w, b
