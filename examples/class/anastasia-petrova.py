# A. Petrova
import torch


def fit(x, y, lr, steps):
    # least squares, no loop necessary :)
    X = torch.stack([x**2, x, torch.ones_like(x)], dim=1)
    solution = torch.linalg.lstsq(X, y.unsqueeze(1)).solution.squeeze()
    a, b, c = solution
    return (
        a.clone().requires_grad_(),
        b.clone().requires_grad_(),
        c.clone().requires_grad_(),
    )
