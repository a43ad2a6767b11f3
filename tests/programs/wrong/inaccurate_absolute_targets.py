# exercise: line
# line: none, inaccurate-result
import torch


def fit(x, y, lr, steps):
    y = y.abs()  # <- inaccurate-result
    p = torch.zeros(2, device=x.device, requires_grad=True)
    for _ in range(steps):
        loss = ((p[0] * x + p[1] - y) ** 2).mean()
        (g,) = torch.autograd.grad(loss, p)
        with torch.no_grad():
            p -= lr * g
    return p  # <- inaccurate-result
