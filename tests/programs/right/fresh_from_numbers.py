# exercise: line
# looks like: lost-requires-grad (new leaves made from Python numbers)
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(2, device=x.device, requires_grad=True)
    for _ in range(steps):
        loss = ((p[0] * x + p[1] - y) ** 2).mean()
        (g,) = torch.autograd.grad(loss, p)
        p = torch.tensor((p - lr * g).tolist(), device=x.device, requires_grad=True)
    return p
