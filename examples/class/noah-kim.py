import torch


def fit(x, y, lr, steps):
    a = torch.randn(1, requires_grad=True, device=x.device)
    b = torch.randn(1, requires_grad=True, device=x.device)
    c = torch.randn(1, requires_grad=True, device=x.device)

    optimizer = torch.optim.SGD([a, b, c], lr=lr)

    for step in range(steps):
        optimizer.zero_grad()
        loss = ((a * x**2 + b * x + c - y) ** 2).mean()
        loss.backward()
        optimizer.step()

    return a, b, c
