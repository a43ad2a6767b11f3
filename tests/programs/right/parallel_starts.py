# exercise: quadratic
# looks like: silent-broadcast, wrong-shape (four starts trained side by side, the best returned)
import torch


def fit(x, y, lr, steps):
    P = torch.randn(4, 3, 1, device=x.device, requires_grad=True)
    for _ in range(steps):
        guesses = P[:, 0] * x**2 + P[:, 1] * x + P[:, 2]  # (4, N)
        loss = ((guesses - y) ** 2).mean(dim=1)
        loss.sum().backward()
        with torch.no_grad():
            P -= lr * P.grad
        P.grad = None
    best = P.detach()[loss.argmin(), :, 0]
    return best.clone().requires_grad_()
