# exercise: line
# from: a practice file on GitHub whose update subtracts 0.01*loss
import torch


def fit(x, y, lr, steps):
    w = torch.tensor([1.0], device=x.device, requires_grad=True)
    b = torch.tensor([0.0], device=x.device, requires_grad=True)
    for _ in range(steps):
        y_hat = x * w + b
        loss = ((y_hat - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= 0.01 * loss  # <- wrong-update
            b -= 0.01 * loss  # <- wrong-update
        w.grad.zero_()
        b.grad.zero_()
    return w, b
