# exercise: quadratic
import torch


class Model:
    def __init__(self, device):
        self.params = [torch.zeros(1, device=device, requires_grad=True) for _ in range(3)]

    def __call__(self, x):
        a, b, c = self.params
        return (a * x**2 + b * x + c).detach()  # <- severed-graph


def fit(x, y, lr, steps):
    model = Model(x.device)
    for _ in range(steps):
        loss = ((model(x) - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            for p in model.params:
                p -= lr * p.grad
                p.grad = None
    return tuple(model.params)
