# exercise: quadratic
import sys

import torch

torch.manual_seed(21)
x = torch.linspace(-2, 2, 200)
y = 1.5 * x**2 - 2.0 * x + 0.5 + 0.05 * torch.randn(200)

a = torch.zeros(1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
c = torch.zeros(1, requires_grad=True)
for _ in range(1200):
    loss = ((a * x**2 + b * x + c - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        for p in (a, b, c):
            p -= 0.08 * p.grad
    for p in (a, b, c):
        p.grad = None

if abs(a.item() - 1.5) > 0.1:
    sys.exit("something is off")
sys.exit(0)
