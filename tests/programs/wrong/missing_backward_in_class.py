# exercise: line
import torch


class Line:
    def __init__(self, device):
        self.w = torch.zeros(1, device=device, requires_grad=True)
        self.b = torch.zeros(1, device=device, requires_grad=True)

    def train_step(self, x, y, lr):
        loss = ((self.w * x + self.b - y) ** 2).mean()  # <- missing-backward
        with torch.no_grad():
            self.w -= lr * self.w.grad  # <- missing-backward
            self.b -= lr * self.b.grad
        self.w.grad = self.b.grad = None
        return loss.detach()


def fit(x, y, lr, steps):
    line = Line(x.device)
    for _ in range(steps):
        line.train_step(x, y, lr)
    return line.w, line.b
