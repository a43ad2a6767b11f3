# exercise: line
import torch
from torch import nn


def fit(x, y, lr, steps):
    layer = nn.Linear(1, 1).to(x.device)  # <- forbidden-api
    for _ in range(steps):
        loss = ((layer(x[:, None])[:, 0] - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            for p in layer.parameters():
                p -= lr * p.grad
                p.grad = None
    w = layer.weight.detach().reshape(1).requires_grad_()
    return w, layer.bias
