# exercise: quadratic
import torch


class Parabola:
    def __init__(self, device):
        self.coef = torch.zeros(3, device=device, requires_grad=True)

    def at(self, x):
        return (self.coef[0] * x + self.coef[1]) * x + self.coef[2]

    @torch.no_grad()
    def learn(self, lr):
        self.coef = self.coef - lr * self.coef.grad  # <- lost-requires-grad


def fit(x, y, lr, steps):
    model = Parabola(x.device)
    for _ in range(steps):
        loss = ((model.at(x) - y) ** 2).mean()
        loss.backward()
        model.learn(lr)
    return model.coef
