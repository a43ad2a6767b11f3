# exercise: quadratic
import torch

torch.manual_seed(0)
x = torch.linspace(-2, 2, 200)
y = 1.5 * x**2 - 2.0 * x + 0.5 + 0.05 * torch.randn(200)

a = torch.randn(1, requires_grad=True)
b = torch.randn(1, requires_grad=True)
c = torch.randn(1, requires_grad=True)

for epoch in range(1500):  # <- stale-gradient
    y_hat = a * x**2 + b * x + c
    loss = torch.mean((y_hat - y) ** 2)
    loss.backward()
    with torch.no_grad():
        a -= 0.05 * a.grad
        b -= 0.05 * b.grad
        c -= 0.05 * c.grad
        a.grad.zero_()  # <- stale-gradient
        c.grad.zero_()  # <- stale-gradient
    if epoch % 300 == 0:
        print(epoch, loss.item())
print(a.item(), b.item(), c.item())
