# exercise: quadratic
# from: PyTorch forum 8636, "Which is freed, which is not" (the forward pass above the loop)
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(3, device=x.device, requires_grad=True)
    X = torch.stack([x**2, x, torch.ones_like(x)], dim=1)
    y_hat = X @ p  # <- repeated-backward
    for i in range(steps):
        loss = torch.mean((y_hat - y) ** 2)
        loss.backward()  # <- repeated-backward
        with torch.no_grad():
            p -= lr * p.grad
            p.grad.zero_()
    return p
