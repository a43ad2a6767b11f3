# exercise: line
# looks like: lost-requires-grad (rebound under no_grad, then marked again)
import torch


def fit(x, y, lr, steps):
    params = dict(w=torch.zeros(1, device=x.device), b=torch.zeros(1, device=x.device))
    for _ in range(steps):
        for p in params.values():
            p.requires_grad_()
        loss = ((params["w"] * x + params["b"] - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            params = {k: p - lr * p.grad for k, p in params.items()}
    return params["w"].requires_grad_(), params["b"].requires_grad_()
