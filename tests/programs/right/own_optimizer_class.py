# exercise: quadratic
import torch


class Descent:
    def __init__(self, params, lr):
        self.params = list(params)
        self.lr = lr

    def zero(self):
        for p in self.params:
            p.grad = None

    @torch.no_grad()
    def step(self):
        for p in self.params:
            p -= self.lr * p.grad


class Model:
    def __init__(self, device):
        self.coefficients = [torch.zeros(1, device=device, requires_grad=True) for _ in range(3)]

    def forward(self, x):
        total = torch.zeros_like(x)
        for k in self.coefficients:
            total = total * x + k
        return total


def fit(x, y, lr, steps):
    model = Model(x.device)
    optimizer = Descent(model.coefficients, lr)
    for _ in range(steps):
        optimizer.zero()
        ((model.forward(x) - y) ** 2).mean().backward()
        optimizer.step()
    return tuple(model.coefficients)
