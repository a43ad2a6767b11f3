# exercise: line
# looks like: inaccurate-result (trained on scaled data, scaled back)
import torch


def fit(x, y, lr, steps):
    mx, sx, my, sy = x.mean(), x.std(), y.mean(), y.std()
    u, v = (x - mx) / sx, (y - my) / sy
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        ((w * u + b - v) ** 2).mean().backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    slope = (w * sy / sx).detach().requires_grad_()
    intercept = (b * sy + my - w * sy / sx * mx).detach().requires_grad_()
    return slope, intercept
