# exercise: line
# from: advice given for the in-place error ("clone it before the in-place operation")
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        new_w = w.clone()  # <- tracked-rebinding
        new_b = b.clone()  # <- tracked-rebinding
        new_w -= lr * w.grad  # <- tracked-rebinding
        new_b -= lr * b.grad  # <- tracked-rebinding
        w, b = new_w, new_b  # <- tracked-rebinding
    return w, b
