# exercise: line
import torch


def trainer(x, y, lr):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)

    def one_step():
        ((w * x + b - y) ** 2).mean().backward()
        with torch.no_grad():
            for p in (w, b):
                p.sub_(p.grad * lr)
                p.grad = None
        return w, b

    return one_step


def fit(x, y, lr, steps):
    step = trainer(x, y, lr)
    for _ in range(steps):
        answer = step()
    return answer
