# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    m = (x**2).mean()
    basis = torch.stack([x**2 - m, x, torch.ones_like(x)])
    q = torch.zeros(3, device=x.device, requires_grad=True)
    for _ in range(steps):
        loss = (q @ basis - y).pow(2).mean()
        loss.backward()
        with torch.no_grad():
            q -= lr * q.grad
            q.grad.zero_()
    with torch.no_grad():
        a, b, c = q[0], q[1], q[2] - m * q[0]
    return tuple(t.detach().clone().requires_grad_() for t in (a, b, c))
