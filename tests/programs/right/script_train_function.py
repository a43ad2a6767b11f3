# exercise: line
# looks like: missing-entry-point (a script whose training is a function without arguments)
import torch

torch.manual_seed(4)
x = torch.linspace(-1, 1, 100)
y = 2.5 * x - 0.9 + 0.1 * torch.randn(100)


def train():
    w = torch.zeros(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for _ in range(200):
        loss = ((w * x + b - y) ** 2).mean()
        dw, db = torch.autograd.grad(loss, (w, b))
        with torch.no_grad():
            w -= 0.3 * dw
            b -= 0.3 * db
    return w.item(), b.item()


w, b = train()
print(f"y = {w:.2f} x + {b:.2f}")
