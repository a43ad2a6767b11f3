# exercise: line
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        loss = torch.mean(torch.square(torch.sub(torch.add(torch.mul(w, x), b), y)))
        loss.backward()
        with torch.no_grad():
            torch.sub(w, lr * w.grad, out=w)
            torch.sub(b, b.grad, alpha=lr, out=b)
            w.grad = b.grad = None
    return w, b
