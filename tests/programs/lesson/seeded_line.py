# exercise: line
import torch

torch.manual_seed(4)
xs = torch.linspace(-1, 1, 100)
ys = 2.5 * xs - 0.9 + 0.1 * torch.randn(100)

w = torch.randn(1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
for epoch in range(101):
    residual = w * xs + b - ys
    objective = residual.pow(2).mean()
    objective.backward()
    with torch.no_grad():
        w -= 0.5 * w.grad
        b -= 0.5 * b.grad
    w.grad.zero_()
    b.grad.zero_()
    if epoch % 25 == 0:
        print(f"epoch {epoch}: {objective.item():.4f}")
