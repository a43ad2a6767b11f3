# exercise: line
import random

import torch

random.seed(17)
xs = [-1 + 2 * i / 99 for i in range(100)]
ys = [2.5 * v - 0.9 + random.gauss(0, 0.1) for v in xs]
x, y = torch.tensor(xs), torch.tensor(ys)

w = torch.tensor([random.random()], requires_grad=True)
b = torch.tensor([random.random()], requires_grad=True)
for _ in range(101):
    loss = ((w * x + b - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.5 * w.grad
        b -= 0.5 * b.grad
    w.grad = b.grad = None
