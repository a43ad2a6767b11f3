# exercise: line
import torch

torch.manual_seed(3)
x = torch.linspace(-1, 1, 100)
y = 2.5 * x - 0.9 + 0.1 * torch.randn(100)

w = torch.randn(1, requires_grad=True)
b = torch.randn(1, requires_grad=True)
for epoch in range(200):
    loss = ((w * x + b - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
        b -= 0.1 * b.grad
    w.data.zero_()  # <- cleared-parameter
    b.data.zero_()  # <- cleared-parameter
print(w, b)
