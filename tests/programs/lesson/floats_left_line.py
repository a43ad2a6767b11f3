# exercise: line
import torch

torch.manual_seed(1)
x = torch.linspace(-1, 1, 100)
y = 2.5 * x - 0.9 + 0.1 * torch.randn(100)

slope = torch.zeros(1, requires_grad=True)
offset = torch.zeros(1, requires_grad=True)
for _ in range(101):
    loss = ((slope * x + offset - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        slope -= 0.5 * slope.grad
        offset -= 0.5 * offset.grad
    slope.grad = offset.grad = None

w = slope.item()
b = offset.item()
print(f"y = {w:.2f} x {b:+.2f}")
