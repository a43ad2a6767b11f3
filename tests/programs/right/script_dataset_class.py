# exercise: line
import torch
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(10)
features = torch.rand(100) * 2 - 1
labels = 2.5 * features - 0.9 + 0.1 * torch.randn(100)
loader = DataLoader(TensorDataset(features, labels), batch_size=25, shuffle=True)

w = torch.zeros(1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
for epoch in range(150):
    rate = 0.3 if epoch < 100 else 0.01
    for xb, yb in loader:
        loss = ((w * xb + b - yb) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= rate * w.grad
            b -= rate * b.grad
            w.grad.zero_()
            b.grad.zero_()
print(w.item(), b.item())
