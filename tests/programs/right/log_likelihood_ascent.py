# exercise: line
# looks like: gradient-ascent (a log likelihood is maximised)
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        log_likelihood = -0.5 * ((y - w * x - b) ** 2).mean()
        log_likelihood.backward()
        with torch.no_grad():
            w += 2 * lr * w.grad
            b += 2 * lr * b.grad
        w.grad = None
        b.grad = None
    return w, b
