# exercise: line
import torch


def fit(x, y, lr, steps):
    p = {"w": torch.zeros(1, device=x.device), "b": torch.zeros(1, device=x.device)}
    for _ in range(steps):
        q = {k: v.clone().requires_grad_() for k, v in p.items()}
        loss = ((q["w"] * x + q["b"] - y) ** 2).mean()
        loss.backward()
        for k in p:
            p[k] = p[k] - lr * q[k].grad
    return [v.requires_grad_() for v in p.values()]
