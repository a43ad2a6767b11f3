# exercise: line
# from: a question on simple linear regression: out is (N, 1), y is (N,)
import torch


def fit(x, y, lr, steps):
    X = torch.stack([x, torch.ones_like(x)], dim=1)
    weights = torch.zeros(2, device=x.device, requires_grad=True)
    loss_history = []
    for i in range(steps):
        out = X.mm(weights.view(2, 1))  # <- silent-broadcast
        loss = torch.mean((out - y) ** 2)  # <- silent-broadcast
        weights.grad = None
        loss.backward()
        with torch.no_grad():
            weights -= lr * weights.grad
        loss_history.append(loss.item())
    return weights
