# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(3, device=x.device, requires_grad=True)
    for _ in range(steps):  # <- output-limit
        guess = p[0] * x**2 + p[1] * x + p[2]  # <- output-limit
        loss = ((guess - y) ** 2).mean()  # <- output-limit
        loss.backward()  # <- output-limit
        with torch.no_grad():  # <- output-limit
            p -= lr * p.grad  # <- output-limit
        p.grad = None  # <- output-limit
        print(x.tolist(), y.tolist(), guess.tolist(), sep="\n")  # <- output-limit
    return p
