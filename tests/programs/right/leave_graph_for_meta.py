# exercise: line
import torch


def fit(x, y, lr, steps):
    """Two unrolled inner steps for each outer one; only the outer gradient moves the leaves."""
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)

    def cost(w, b):
        return ((w * x + b - y) ** 2).mean()

    for _ in range(steps):
        gw, gb = torch.autograd.grad(cost(w, b), (w, b), create_graph=True)
        outer = cost(w - 0.1 * gw, b - 0.1 * gb)
        dw, db = torch.autograd.grad(outer, (w, b))
        with torch.no_grad():
            w -= lr * dw
            b -= lr * db
    return w, b
