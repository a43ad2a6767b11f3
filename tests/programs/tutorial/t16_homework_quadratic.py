# exercise: quadratic
# from: homework of a Chinese course ("w1 * x ** 2 + w2 * x + b", .data updates), full batch
import torch

torch.manual_seed(9)
x_data = torch.linspace(-2, 2, 200)
y_data = 1.5 * x_data**2 - 2.0 * x_data + 0.5 + 0.05 * torch.randn(200)

w1 = torch.tensor([1.0])
w1.requires_grad_()
w2 = torch.tensor([1.0])
w2.requires_grad_()
b = torch.tensor([1.0])
b.requires_grad_()


def forward(x):
    return w1 * (x**2) + w2 * x + b


print("predict (before training)", 4, forward(4).item())
for epoch in range(1000):
    l = ((forward(x_data) - y_data) ** 2).mean()
    l.backward()
    w1.data = w1.data - 0.05 * w1.grad.data  # <- data-attribute-update (warning)
    w2.data = w2.data - 0.05 * w2.grad.data  # <- data-attribute-update (warning)
    b.data = b.data - 0.05 * b.grad.data  # <- data-attribute-update (warning)
    w1.grad.data.zero_()
    w2.grad.data.zero_()
    b.grad.data.zero_()
print("predict (after training)", 4, forward(4).item())
a, b, c = w1.item(), w2.item(), b.item()
