# exercise: line
import torch


def fit(x, y, lr, steps):
    params = {
        "w": torch.zeros(1, device=x.device, requires_grad=True),
        "b": torch.zeros(1, device=x.device, requires_grad=True),
    }
    for _ in range(steps):
        loss = ((params["w"] * x + params["b"] - y) ** 2).mean()
        dw, db = torch.autograd.grad(loss, [params["w"], params["b"]])
        params["w"] = params["w"] - lr * dw  # <- tracked-rebinding
        params["b"] = params["b"] - lr * db  # <- tracked-rebinding
    return params["w"], params["b"]
