# exercise: line
import torch


def fit(x, y, lr, steps):
    torch.seed()  # <- unseeded-randomness
    p = torch.zeros(2, device=x.device, requires_grad=True)
    for _ in range(steps):
        noisy = y + 0.5 * torch.randn_like(y)  # <- unseeded-randomness
        loss = ((p[0] * x + p[1] - noisy) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
