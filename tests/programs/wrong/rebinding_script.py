# exercise: quadratic
import torch

torch.manual_seed(5)
x = torch.linspace(-2, 2, 200)
y = 1.5 * x**2 - 2.0 * x + 0.5 + 0.05 * torch.randn(200)
a, b, c = (torch.randn(1, requires_grad=True) for _ in range(3))
lr = 0.05
for i in range(1000):
    loss = ((a * x**2 + b * x + c - y) ** 2).mean()
    loss.backward()
    a = a - lr * a.grad  # <- tracked-rebinding
    b = b - lr * b.grad  # <- tracked-rebinding
    c = c - lr * c.grad  # <- tracked-rebinding
print(a, b, c)
