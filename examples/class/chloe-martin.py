# TP 1 : régression quadratique
import torch
import torch.nn.functional as F


def fit(x, y, lr, steps):
    a = torch.tensor([0.1], device=x.device, requires_grad=True)
    b = torch.tensor([0.1], device=x.device, requires_grad=True)
    c = torch.tensor([0.1], device=x.device, requires_grad=True)
    losses = []  # pour tracer la courbe plus tard
    for step in range(steps):
        prediction = a * x**2 + b * x + c
        loss = F.mse_loss(prediction, y)
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            a.add_(a.grad, alpha=-lr)
            b.add_(b.grad, alpha=-lr)
            c.add_(c.grad, alpha=-lr)
        for p in (a, b, c):
            p.grad.zero_()
    print("perte finale :", losses[-1])
    return a, b, c
