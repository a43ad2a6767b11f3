# exercise: line
import torch


class Model:
    def __init__(self, device):
        self.theta = torch.ones(2, device=device, requires_grad=True)  # <- parameters-reset

    def __call__(self, x):
        return self.theta[0] * x + self.theta[1]


def fit(x, y, lr, steps):
    for _ in range(steps):
        model = Model(x.device)  # <- parameters-reset
        loss = ((model(x) - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            model.theta.sub_(lr * model.theta.grad)
        model.theta.grad = None
    return model.theta
