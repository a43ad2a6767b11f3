# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(3, device=x.device, requires_grad=True)
    loss = torch.tensor(1.0)
    while loss > 0:  # <- time-limit
        loss = ((p[0] * x**2 + p[1] * x + p[2] - y) ** 2).mean()  # <- time-limit
        loss.backward()  # <- time-limit
        with torch.no_grad():  # <- time-limit
            p -= lr * p.grad  # <- time-limit
        p.grad = None  # <- time-limit
    return p
