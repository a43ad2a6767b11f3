# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    """Clears before each pass, so the last gradient is still there at the end: it was used once."""
    p = torch.zeros(3, device=x.device, requires_grad=True)
    for _ in range(steps):
        p.grad = None
        loss = ((p[0] * x**2 + p[1] * x + p[2] - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p += -lr * p.grad
    return [p]
