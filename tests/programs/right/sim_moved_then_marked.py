# exercise: quadratic
# device: sim
import torch


def fit(x, y, lr, steps):
    g = torch.Generator().manual_seed(0)
    p = torch.randn(3, generator=g).to(x.device).requires_grad_()
    ramp = torch.arange(2, -1, -1, device=x.device)
    for _ in range(steps):
        loss = ((x[:, None] ** ramp @ p - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
            p.grad.zero_()
    return p
