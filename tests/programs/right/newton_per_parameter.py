# exercise: line
# looks like: repeated-backward (second derivatives by create_graph)
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        dw, db = torch.autograd.grad(loss, (w, b), create_graph=True)
        (ddw,) = torch.autograd.grad(dw, w, retain_graph=True)
        (ddb,) = torch.autograd.grad(db, b)
        with torch.no_grad():
            w -= 0.5 * dw / ddw
            b -= 0.5 * db / ddb
    return w, b
