# Jonas Weber
# Fitting a quadratic, plain script. Run with: python jonas-weber.py
import torch

torch.manual_seed(7)

n_points = 200
x = torch.linspace(-2, 2, n_points)
noise = 0.05 * torch.randn(n_points)
y = 1.5 * x**2 - 2.0 * x + 0.5 + noise

print("x:", x.shape, "y:", y.shape)

a = torch.randn(1, requires_grad=True)
b = torch.randn(1, requires_grad=True)
c = torch.randn(1, requires_grad=True)
print("start:", a.item(), b.item(), c.item())

learning_rate = 0.05
for epoch in range(2000):
    prediction = a * x**2 + b * x + c
    error = prediction - y
    loss = (error**2).mean()
    loss.backward()

    with torch.no_grad():
        a -= learning_rate * a.grad
        b -= learning_rate * b.grad
        c -= learning_rate * c.grad

    a.grad.zero_()
    b.grad.zero_()
    c.grad.zero_()

    if epoch % 250 == 0:
        print(f"epoch {epoch}: loss = {loss.item():.6f}")

print("a =", round(a.item(), 3))
print("b =", round(b.item(), 3))
print("c =", round(c.item(), 3))
