# exercise: line
# from: "a leaf Variable that requires grad is being used in an in-place operation", PyTorch forum 308
import torch


def fit(x, y, lr, steps):
    w = torch.tensor([0.0], dtype=torch.float32, device=x.device, requires_grad=True)
    b = torch.tensor([0.0], dtype=torch.float32, device=x.device, requires_grad=True)

    def forward(x):
        return w * x + b

    def loss_fn(y, y_predicted):
        return ((y_predicted - y) ** 2).mean()

    def train():
        nonlocal w, b
        l = loss_fn(y, forward(x))
        l.backward()
        w -= lr * w.grad  # <- tracked-inplace-update
        b -= lr * b.grad  # <- tracked-inplace-update
        w.grad.zero_()
        b.grad.zero_()

    for epoch in range(steps):
        train()
    return w, b
