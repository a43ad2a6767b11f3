# exercise: line
# line: none, inaccurate-result
import torch


def fit(x, y, lr, steps):
    torch.manual_seed(1)
    w = torch.randn(1, device=x.device, requires_grad=True)
    b = torch.randn(1, device=x.device, requires_grad=True)
    out = [p.detach().clone().requires_grad_() for p in (w, b)]
    for _ in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return out
