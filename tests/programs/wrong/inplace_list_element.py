# exercise: line
import torch


def fit(x, y, lr, steps):
    params = [torch.zeros(1, device=x.device, requires_grad=True) for _ in range(2)]
    for _ in range(steps):
        loss = ((params[0] * x + params[1] - y) ** 2).mean()
        grads = torch.autograd.grad(loss, params)
        for i, g in enumerate(grads):
            params[i] -= lr * g  # <- tracked-inplace-update
    return params
