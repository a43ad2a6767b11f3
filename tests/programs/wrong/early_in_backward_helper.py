# exercise: quadratic
import torch


class Trainer:
    def __init__(self, device):
        self.p = torch.zeros(3, device=device, requires_grad=True)

    def loss(self, x, y):
        return ((self.p[0] * x**2 + self.p[1] * x + self.p[2] - y) ** 2).mean()

    def backward(self, loss):
        loss.backward()
        self.p.grad.zero_()  # <- gradient-cleared-too-early

    def step(self, lr):
        with torch.no_grad():
            self.p -= lr * self.p.grad


def fit(x, y, lr, steps):
    trainer = Trainer(x.device)
    for _ in range(steps):
        trainer.backward(trainer.loss(x, y))
        trainer.step(lr)
    return trainer.p
