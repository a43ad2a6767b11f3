# exercise: quadratic
import torch

torch.set_printoptions(threshold=100_000)


def fit(x, y, lr, steps):
    p = torch.zeros(3, device=x.device, requires_grad=True)
    for step in range(steps):
        y_hat = p[0] * x**2 + p[1] * x + p[2]
        for _ in range(200):  # <- output-limit
            print(step, y_hat.tolist())  # <- output-limit
        loss = ((y_hat - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
