# exercise: line
import torch

torch.manual_seed(21)
x = torch.linspace(-1, 1, 100)
y = 2.5 * x - 0.9 + 0.1 * torch.randn(100)
w = torch.randn(1, requires_grad=True)
b = torch.randn(1, requires_grad=True)
learning_rate = 3.0  # <- diverged
for epoch in range(101):
    loss = ((w * x + b - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w -= learning_rate * w.grad  # <- diverged
        b -= learning_rate * b.grad  # <- diverged
    w.grad = None
    b.grad = None
print(w, b)
