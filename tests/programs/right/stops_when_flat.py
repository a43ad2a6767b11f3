# exercise: line
# looks like: undertrained (stops when the gradient is gone)
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(2, device=x.device, requires_grad=True)
    for step in range(steps):
        ((p[0] * x + p[1] - y) ** 2).mean().backward()
        if step % 5 == 0 and p.grad.norm() < 1e-5:
            print("flat after", step)
            break
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    p.grad = None
    return p
