# exercise: quadratic
# looks like: repeated-backward (two losses that share the prediction)
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(3, device=x.device, requires_grad=True)
    half = len(x) // 2
    for _ in range(steps):
        guess = p[0] * x**2 + p[1] * x + p[2]
        left = (guess[:half] - y[:half]).square().sum() / len(x)
        right = (guess[half:] - y[half:]).square().sum() / len(x)
        left.backward(retain_graph=True)
        right.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
