# exercise: quadratic
import torch


class Model:
    def __init__(self, start):
        self.p = start.clone()  # <- non-leaf-parameter

    def loss(self, x, y):
        return (self.p[0] * x**2 + self.p[1] * x + self.p[2] - y).pow(2).mean()


def fit(x, y, lr, steps):
    model = Model(torch.zeros(3, device=x.device, requires_grad=True))
    for _ in range(steps):
        model.loss(x, y).backward()
        with torch.no_grad():
            model.p -= lr * model.p.grad
        model.p.grad = None
    return model.p
