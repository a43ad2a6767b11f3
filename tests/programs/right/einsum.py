# exercise: line
import torch


def fit(x, y, lr, steps):
    theta = torch.zeros(2, device=x.device, requires_grad=True)
    X = torch.stack([x, torch.ones_like(x)])
    for _ in range(steps):
        r = torch.einsum("k,kn->n", theta, X) - y
        loss = torch.einsum("n,n->", r, r) / r.numel()
        loss.backward()
        with torch.no_grad():
            theta -= lr * theta.grad
        theta.grad = None
    return theta
