# exercise: line
# looks like: wrong-update (AdaGrad by hand)
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(2, device=x.device, requires_grad=True)
    squares = torch.zeros(2, device=x.device)
    for _ in range(2 * steps):
        loss = ((p[0] * x + p[1] - y) ** 2).mean()
        (g,) = torch.autograd.grad(loss, p)
        squares += g * g
        with torch.no_grad():
            p -= 1.5 * g / (squares.sqrt() + 1e-8)
    return p
