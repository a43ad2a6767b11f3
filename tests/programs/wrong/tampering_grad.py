# exercise: line
# line: none, tampering
import torch


def zeros(outputs, inputs, *args, **kwargs):
    return [torch.zeros_like(p) for p in inputs]


torch.autograd.grad = zeros  # <- tampering


def fit(x, y, lr, steps):
    p = torch.zeros(2, device=x.device, requires_grad=True)
    for _ in range(steps):
        loss = ((p[0] * x + p[1] - y) ** 2).mean()
        (g,) = torch.autograd.grad(loss, [p])
        with torch.no_grad():
            p -= lr * g
    return p
