# exercise: quadratic
import torch


def make_data():
    g = torch.Generator().manual_seed(21)
    u = torch.linspace(-2, 2, 200)
    return u, 1.5 * u**2 - 2.0 * u + 0.5 + 0.05 * torch.randn(200, generator=g)


def train(u, v, lr=0.05, steps=2500):
    theta = [torch.zeros(1, requires_grad=True) for _ in range(3)]
    for _ in range(steps):
        p, q, r = theta
        loss = ((p * u**2 + q * u + r - v) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            for t in theta:
                t -= lr * t.grad
                t.grad = None
    return theta


a, b, c = train(*make_data())
print(a, b, c)
