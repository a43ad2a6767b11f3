# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(3, device=x.device, requires_grad=True)
    history = []
    for step in range(steps):
        yhat = p[0] * x**2 + p[1] * x + p[2]
        loss = ((yhat - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
            p.grad.zero_()
        history.append((step, loss))  # <- retained-graph
    return p
