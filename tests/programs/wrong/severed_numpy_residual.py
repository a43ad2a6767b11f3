# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(3, device=x.device, requires_grad=True)
    for _ in range(steps):
        guess = p[0] * x**2 + p[1] * x + p[2]
        residual = guess.detach().cpu().numpy() - y.cpu().numpy()  # <- severed-graph
        loss = torch.from_numpy(residual).pow(2).mean().requires_grad_()  # <- severed-graph
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
