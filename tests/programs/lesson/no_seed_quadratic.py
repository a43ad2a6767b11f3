# exercise: quadratic
import torch

x = torch.linspace(-2, 2, 200)
y = 1.5 * x**2 - 2.0 * x + 0.5 + 0.05 * torch.randn(200)

a = torch.randn(1, requires_grad=True)
b = torch.randn(1, requires_grad=True)
c = torch.randn(1, requires_grad=True)

for step in range(2001):
    loss = ((a * x**2 + b * x + c - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        a -= 0.05 * a.grad
        b -= 0.05 * b.grad
        c -= 0.05 * c.grad
    a.grad, b.grad, c.grad = None, None, None

print(f"a {a.item():.3f}  b {b.item():.3f}  c {c.item():.3f}")
