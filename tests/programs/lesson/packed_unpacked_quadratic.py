# exercise: quadratic
import torch

torch.manual_seed(33)
x = torch.linspace(-2, 2, 200)
X = torch.stack([x**2, x, torch.ones(200)], dim=1)
y = X @ torch.tensor([1.5, -2.0, 0.5]) + 0.05 * torch.randn(200)

theta = torch.zeros(3, requires_grad=True)
for _ in range(2000):
    loss = ((X @ theta - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        theta -= 0.05 * theta.grad
    theta.grad = None

a, b, c = theta.tolist()
print(a, b, c)
