# exercise: quadratic
import numpy as np
import torch

rng = np.random.default_rng(2024)
xs = np.linspace(-2, 2, 200)
ys = 1.5 * xs**2 - 2.0 * xs + 0.5 + rng.normal(0, 0.05, size=xs.shape)
x = torch.tensor(xs, dtype=torch.float32)
y = torch.tensor(ys, dtype=torch.float32)

a, b, c = [torch.zeros(1, requires_grad=True) for _ in range(3)]
for _ in range(1500):
    loss = ((a * x**2 + b * x + c - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        for p in (a, b, c):
            p -= 0.05 * p.grad
            p.grad = None
