# exercise: line
import torch


def grad_of(p, x, y):
    q = p.detach().clone().requires_grad_()
    loss = ((q[0] * x + q[1] - y) ** 2).mean()
    return torch.autograd.grad(loss, q)[0]


def fit(x, y, lr, steps):
    p = torch.zeros(2, device=x.device, requires_grad=True)
    g = torch.Generator().manual_seed(0)
    for _ in range(max(steps // 10, 12)):
        snapshot = p.detach().clone()
        full = grad_of(snapshot, x, y)
        for _ in range(20):
            i = torch.randint(0, len(x), (10,), generator=g).to(x.device)
            step = grad_of(p, x[i], y[i]) - grad_of(snapshot, x[i], y[i]) + full
            with torch.no_grad():
                p -= 0.3 * step
    return p
