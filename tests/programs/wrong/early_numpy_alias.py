# exercise: line
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(2, requires_grad=True)
    for _ in range(steps):
        loss = ((p[0] * x + p[1] - y) ** 2).mean()
        loss.backward()
        g = p.grad.numpy()
        p.grad.zero_()  # <- gradient-cleared-too-early
        with torch.no_grad():
            p -= lr * torch.from_numpy(g)
    return p
