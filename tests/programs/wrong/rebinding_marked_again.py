# exercise: line
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        dw, db = torch.autograd.grad(loss, (w, b))
        w = (w - lr * dw).requires_grad_()  # <- tracked-rebinding
        b = (b - lr * db).requires_grad_()  # <- tracked-rebinding
    return w, b
