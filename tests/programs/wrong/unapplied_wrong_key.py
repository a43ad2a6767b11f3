# exercise: line
import torch


def fit(x, y, lr, steps):
    params = {k: torch.zeros(1, device=x.device, requires_grad=True) for k in ("w", "b")}
    for _ in range(steps):
        loss = ((params["w"] * x + params["b"] - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            for k, p in params.items():
                if k != "b":  # <- unapplied-update
                    p -= lr * p.grad  # <- unapplied-update
                p.grad = None
    return params["w"], params["b"]
