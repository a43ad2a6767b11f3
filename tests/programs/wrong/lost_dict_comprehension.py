# exercise: line
import torch


def fit(x, y, lr, steps):
    params = {k: torch.zeros(1, device=x.device, requires_grad=True) for k in "wb"}
    for _ in range(steps):
        loss = ((params["w"] * x + params["b"] - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            params = {k: v - lr * v.grad for k, v in params.items()}  # <- lost-requires-grad
    return params["w"], params["b"]
