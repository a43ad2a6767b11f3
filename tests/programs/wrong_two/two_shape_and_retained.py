# exercise: line
import torch


def fit(x, y, lr, steps):
    X = torch.stack([x, torch.ones_like(x)], dim=1)
    W = torch.zeros(2, 1, device=x.device, requires_grad=True)  # <- wrong-shape
    losses = []
    for _ in range(steps):
        loss = ((X @ W - y[:, None]) ** 2).mean()
        losses.append(loss)  # <- retained-graph
        loss.backward()
        with torch.no_grad():
            W -= lr * W.grad
        W.grad = None
    return W
