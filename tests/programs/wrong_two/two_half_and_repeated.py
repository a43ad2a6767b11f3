# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(3, device=x.device, dtype=torch.float16, requires_grad=True)  # <- wrong-dtype
    for _ in range(steps):
        loss = ((p[0] * x**2 + p[1] * x + p[2] - y) ** 2).mean()
        loss.backward(retain_graph=True)  # <- repeated-backward
        loss.backward()  # <- repeated-backward
        with torch.no_grad():
            p -= lr / 2 * p.grad
        p.grad = None
    return p
