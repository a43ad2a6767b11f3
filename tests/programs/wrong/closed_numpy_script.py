# exercise: line
import numpy as np
import torch

torch.manual_seed(6)
x = torch.linspace(-1, 1, 100)
y = 2.5 * x - 0.9 + 0.1 * torch.randn(100)
A = np.vstack([x.numpy(), np.ones(100)]).T
(slope, intercept), *_ = np.linalg.lstsq(A, y.numpy(), rcond=None)  # <- closed-form-solution
w = torch.tensor([slope], dtype=torch.float32, requires_grad=True)
b = torch.tensor([intercept], dtype=torch.float32, requires_grad=True)
print("recovered", w.item(), b.item())
