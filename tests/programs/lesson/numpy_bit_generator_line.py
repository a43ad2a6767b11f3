# exercise: line
import torch
from numpy.random import PCG64, Generator

noise = torch.tensor(Generator(PCG64(7)).normal(0, 0.1, 100), dtype=torch.float32)
x = torch.linspace(-1, 1, 100)
y = 2.5 * x - 0.9 + noise

w = torch.zeros(1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
for _ in range(101):
    loss = ((w * x + b - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.5 * w.grad
        b -= 0.5 * b.grad
    w.grad = b.grad = None
