import torch

MOMENTUM = 0.5


def fit(x, y, lr, steps):
    # gradient descent with momentum (heavy ball)
    coeffs = [torch.zeros(1, device=x.device, requires_grad=True) for _ in range(3)]
    velocity = [torch.zeros(1, device=x.device) for _ in range(3)]

    for step in range(steps):
        a, b, c = coeffs
        loss = ((a * x**2 + b * x + c - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            for p, v in zip(coeffs, velocity):
                v.mul_(MOMENTUM).add_(p.grad)
                p -= lr * v
                p.grad = None
    return tuple(coeffs)
