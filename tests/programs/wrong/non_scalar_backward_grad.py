# exercise: quadratic
import torch
import torch.nn.functional as F


def fit(x, y, lr, steps):
    params = [torch.zeros(1, device=x.device, requires_grad=True) for _ in range(3)]
    a, b, c = params
    for _ in range(steps):
        loss = F.mse_loss(a * x**2 + b * x + c, y, reduction="none")
        slopes = torch.autograd.grad(loss, params)  # <- non-scalar-backward
        with torch.no_grad():
            for p, slope in zip(params, slopes):
                p -= lr * slope
    return a, b, c
