# exercise: quadratic
import torch

torch.manual_seed(11)
points = 200
grid = torch.linspace(-2, 2, points)
target = 1.5 * grid**2 - 2 * grid + 0.5 + 0.05 * torch.randn(points)

a = torch.randn(1, requires_grad=True)
b = torch.randn(1, requires_grad=True)
c = torch.zeros(1, requires_grad=True)
rate = 0.05

for i in range(2001):
    guess = a * grid**2 + b * grid + c
    cost = ((guess - target) ** 2).mean()
    cost.backward()
    with torch.no_grad():
        a -= rate * a.grad
        b -= rate * b.grad
        c -= rate * c.grad
    a.grad = None
    b.grad = None
    c.grad = None
    if i % 500 == 0:
        print(i, cost.item())

print(a.item(), b.item(), c.item())
