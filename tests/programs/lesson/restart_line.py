# exercise: line
# first one step by hand, then from the start again, as in a notebook
import torch

torch.manual_seed(0)
x = torch.linspace(-1, 1, 100)
y = 2.5 * x - 0.9 + 0.1 * torch.randn(100)

w = torch.randn(1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
one = ((w * x + b - y) ** 2).mean()
one.backward()
print("slopes:", w.grad, b.grad, "by hand:", (2 * (w * x + b - y) * x).mean().item())

torch.manual_seed(0)
w = torch.randn(1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
for k in range(101):
    loss = ((w * x + b - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.5 * w.grad
        b -= 0.5 * b.grad
    w.grad = None
    b.grad = None
    if k % 20 == 0:
        print(f"{k:3d} {loss.item():.4f} {w.item():+.3f} {b.item():+.3f}")
