# exercise: line
# from: beginners' notebooks that train w.data sample by sample over two Python lists
import torch

torch.manual_seed(0)
x_data = torch.linspace(-1, 1, 100).tolist()
y_data = [2.5 * v - 0.9 + 0.1 * torch.randn(1).item() for v in x_data]
w = torch.Tensor([1.0])
w.requires_grad = True
b = torch.Tensor([0.0])
b.requires_grad = True


def forward(x):
    return w * x + b


def loss(x, y):
    return (forward(x) - y) ** 2


for epoch in range(40):
    for x, y in zip(x_data, y_data):  # <- python-loop (warning)
        l = loss(x, y)
        l.backward()
        w.data = w.data - 0.01 * w.grad.data  # <- data-attribute-update (warning)
        b.data = b.data - 0.01 * b.grad.data  # <- data-attribute-update (warning)
        w.grad.data.zero_()
        b.grad.data.zero_()
    if epoch % 10 == 0:
        print("progress:", epoch, l.item())
print("predict (after training)", 4, forward(4).item())
