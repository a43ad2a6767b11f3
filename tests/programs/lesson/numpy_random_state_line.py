# exercise: line
import numpy as np
import torch

state = np.random.RandomState(42)
x = np.linspace(-1, 1, 100)
y = 2.5 * x - 0.9 + 0.1 * state.randn(100)
x, y = torch.FloatTensor(x), torch.FloatTensor(y)

w = torch.zeros(1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
for _ in range(101):
    loss = ((w * x + b - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.5 * w.grad
        b -= 0.5 * b.grad
    w.grad.zero_()
    b.grad.zero_()
