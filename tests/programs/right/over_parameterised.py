# exercise: line
import torch


def fit(x, y, lr, steps):
    u = torch.zeros(1, device=x.device, requires_grad=True)
    v = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        loss = (((u + v) * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            for p, rate in ((u, lr / 2), (v, lr / 2), (b, lr)):
                p -= rate * p.grad
                p.grad = None
    return (u + v).detach().requires_grad_(), b
