# exercise: line
# looks like: wrong-update (the gradient is taken at a point ahead)
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    vw, vb = torch.zeros_like(w), torch.zeros_like(b)
    rate = 0.6 * lr
    for _ in range(steps):
        with torch.no_grad():
            w += 0.4 * vw
            b += 0.4 * vb
        loss = ((w * x + b - y) ** 2).mean()
        dw, db = torch.autograd.grad(loss, (w, b))
        with torch.no_grad():
            w -= rate * dw
            b -= rate * db
        vw = 0.4 * vw - rate * dw
        vb = 0.4 * vb - rate * db
    return w, b
