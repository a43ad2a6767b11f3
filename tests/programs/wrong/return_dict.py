# exercise: line
import torch


def fit(x, y, lr, steps):  # <- wrong-return
    params = {k: torch.zeros(1, device=x.device, requires_grad=True) for k in "wb"}
    for _ in range(steps):
        loss = ((params["w"] * x + params["b"] - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            for p in params.values():
                p -= lr * p.grad
                p.grad = None
    return params  # <- wrong-return
