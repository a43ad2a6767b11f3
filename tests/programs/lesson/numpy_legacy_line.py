# exercise: line
import numpy as np
import torch

np.random.seed(8)
x = torch.from_numpy(np.random.uniform(-1, 1, 100).astype("float32"))
noise = torch.from_numpy(np.random.randn(100).astype("float32")) * 0.1
y = 2.5 * x - 0.9 + noise

w = torch.zeros((), requires_grad=True)
b = torch.zeros((), requires_grad=True)
for _ in range(120):
    ((w * x + b - y) ** 2).mean().backward()
    with torch.no_grad():
        w -= 0.4 * w.grad
        b -= 0.4 * b.grad
        w.grad = b.grad = None
print(f"w={w.item():.2f} b={b.item():.2f}")
