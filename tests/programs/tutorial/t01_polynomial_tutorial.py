# exercise: quadratic
# from: the "Tensors and autograd" part of PyTorch's own "Learning PyTorch with Examples"
import torch

dtype = torch.float
torch.manual_seed(0)
x = torch.linspace(-2, 2, 200, dtype=dtype)
y = 1.5 * x**2 - 2.0 * x + 0.5 + 0.05 * torch.randn(200)

# three weights, each a scalar
a = torch.randn((), dtype=dtype, requires_grad=True)
b = torch.randn((), dtype=dtype, requires_grad=True)
c = torch.randn((), dtype=dtype, requires_grad=True)

learning_rate = 2e-4
for t in range(2000):
    y_pred = a * x**2 + b * x + c
    loss = (y_pred - y).pow(2).sum()
    if t % 200 == 199:
        print(t, loss.item())
    loss.backward()
    with torch.no_grad():
        a -= learning_rate * a.grad
        b -= learning_rate * b.grad
        c -= learning_rate * c.grad
        a.grad = None
        b.grad = None
        c.grad = None

print(f"y = {a.item()} x^2 + {b.item()} x + {c.item()}")
