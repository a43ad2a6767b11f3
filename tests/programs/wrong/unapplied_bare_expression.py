# exercise: line
import torch

torch.manual_seed(8)
x = torch.linspace(-1, 1, 100)
y = 2.5 * x - 0.9 + 0.1 * torch.randn(100)
w = torch.randn(1, requires_grad=True)
b = torch.randn(1, requires_grad=True)
for epoch in range(300):
    loss = ((w * x + b - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w - 0.1 * w.grad  # <- unapplied-update
        b - 0.1 * b.grad  # <- unapplied-update
    w.grad.zero_()
    b.grad.zero_()
print(w.item(), b.item())
