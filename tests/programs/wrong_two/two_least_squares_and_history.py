# exercise: line
import torch


def fit(x, y, lr, steps):
    X = torch.stack([x, torch.ones_like(x)], 1)
    p = torch.linalg.lstsq(X, y.unsqueeze(1)).solution.squeeze(1)  # <- closed-form-solution
    p = p.requires_grad_()
    kept = []
    for _ in range(steps):
        loss = ((X @ p - y) ** 2).mean()
        kept.append(loss)  # <- retained-graph
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
            p.grad = None
    return p
