# exercise: quadratic
# looks like: retained-graph (a running total of detached losses)
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(3, device=x.device, requires_grad=True)
    total = torch.zeros((), device=x.device)
    history = []
    for step in range(steps):
        loss = ((p[0] * x**2 + p[1] * x + p[2] - y) ** 2).mean()
        loss.backward()
        total += loss.detach()
        if step % 10 == 0:
            history.append(loss.detach())
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    print(total / steps, torch.stack(history).min())
    return p
