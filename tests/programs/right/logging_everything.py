# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    a = torch.randn(1, device=x.device, requires_grad=True)
    b = torch.randn(1, device=x.device, requires_grad=True)
    c = torch.zeros(1, device=x.device, requires_grad=True)
    losses, path = [], []
    best = None
    for step in range(steps):
        y_hat = a * x**2 + b * x + c
        loss = ((y_hat - y) ** 2).mean()
        losses.append(float(loss))
        path.append([p.item() for p in (a, b, c)])
        loss.backward()
        with torch.no_grad():
            a -= lr * a.grad
            b -= lr * b.grad
            c -= lr * c.grad
            check = ((a * x**2 + b * x + c - y) ** 2).mean()
        if best is None or check.item() < best:
            best = check.item()
        a.grad = b.grad = c.grad = None
        if step % 500 == 0:
            print(f"{step:5d} {loss.item():.4f} best {best:.4f}", a, b, c)
    print(len(losses), "losses, the last", losses[-1], "after", path[-1])
    return a, b, c
