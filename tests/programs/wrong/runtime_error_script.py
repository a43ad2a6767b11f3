# exercise: quadratic
import torch

torch.manual_seed(1)
x = torch.linspace(-2, 2, 200)
y = 1.5 * x**2 - 2.0 * x + 0.5 + 0.05 * torch.randn(201)  # <- runtime-error

a, b, c = (torch.zeros(1, requires_grad=True) for _ in range(3))
for _ in range(2000):
    loss = ((a * x**2 + b * x + c - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        for p in (a, b, c):
            p -= 0.05 * p.grad
            p.grad = None
