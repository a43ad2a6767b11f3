# exercise: line
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    rate, last = 4 * lr, float("inf")
    for _ in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        value = loss.item()
        if value > last:
            rate /= 2
            with torch.no_grad():
                w.copy_(old[0])
                b.copy_(old[1])
            last = float("inf")
            continue
        last = value
        loss.backward()
        old = w.detach().clone(), b.detach().clone()
        with torch.no_grad():
            w -= rate * w.grad
            b -= rate * b.grad
        w.grad = b.grad = None
    return w, b
