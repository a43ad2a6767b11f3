# exercise: quadratic
import torch

torch.manual_seed(0)
x = torch.linspace(-1, 1, 100)
y = 2.5 * x**2 - 0.9 * x + 1.7 + 0.1 * torch.randn(100)
perm = torch.randperm(100)
x_train, y_train = x[perm[:80]], y[perm[:80]]
x_test, y_test = x[perm[80:]], y[perm[80:]]

a = torch.tensor(1.0, requires_grad=True)
b = torch.tensor(1.0, requires_grad=True)
c = torch.tensor(1.0, requires_grad=True)


def mse(x, y):
    return (a * x**2 + b * x + c - y).pow(2).mean()


for i in range(1500):
    loss = mse(x_train, y_train)
    loss.backward()
    with torch.no_grad():
        for p in (a, b, c):
            p -= 0.3 * p.grad
            p.grad.zero_()
with torch.no_grad():
    print("test loss", mse(x_test, y_test).item())
