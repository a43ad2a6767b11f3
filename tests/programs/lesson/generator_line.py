# exercise: line
import torch

g = torch.Generator().manual_seed(99)
device = "cuda" if torch.cuda.is_available() else "cpu"
n = 100
inputs = torch.linspace(-1, 1, n).to(device)
outputs = 2.5 * inputs - 0.9 + (0.1 * torch.randn(n, generator=g)).to(device)

w = torch.zeros(1, device=device, requires_grad=True)
b = torch.zeros(1, device=device, requires_grad=True)
for _ in range(150):
    loss = torch.mean((w * inputs + b - outputs) ** 2)
    grads = torch.autograd.grad(loss, [w, b])
    with torch.no_grad():
        for p, slope in zip([w, b], grads):
            p -= 0.5 * slope
print("slope", w, "offset", b)
