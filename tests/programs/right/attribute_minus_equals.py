# exercise: line
# looks like: tracked-rebinding (an attribute moved in place)
import torch


class Line:
    __slots__ = ("w", "b")

    def __init__(self, device):
        self.w = torch.zeros((), device=device, requires_grad=True)
        self.b = torch.zeros((), device=device, requires_grad=True)

    @property
    def parameters(self):
        return self.w, self.b

    def step(self, x, y, lr):
        ((self.w * x + self.b - y) ** 2).mean().backward()
        with torch.no_grad():
            self.w -= lr * self.w.grad
            self.b -= lr * self.b.grad
        for p in self.parameters:
            p.grad = None


def fit(x, y, lr, steps):
    line = Line(x.device)
    for _ in range(steps):
        line.step(x, y, lr)
    return line.parameters
