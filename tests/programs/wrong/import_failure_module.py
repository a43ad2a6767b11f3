# exercise: quadratic
import torch
import torchquadratic  # <- import-failure


def fit(x, y, lr, steps):
    p = torch.zeros(3, device=x.device, requires_grad=True)
    for _ in range(steps):
        loss = torchquadratic.loss(p, x, y)
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
