# exercise: quadratic
import torch
from torch.nn.functional import linear, mse_loss


def fit(x, y, lr, steps):
    weights = torch.zeros(3, device=x.device, requires_grad=True)
    inputs = torch.vander(x, 3)
    for _ in range(steps):
        loss = mse_loss(linear(inputs, weights), y)
        weights.grad = None
        loss.backward()
        with torch.no_grad():
            weights.sub_(weights.grad, alpha=lr)
    return weights
