# exercise: line
import torch


class Line:
    __slots__ = ("theta",)

    def __init__(self, device):
        self.theta = torch.zeros(2, device=device, requires_grad=True)

    @property
    def w(self):
        return self.theta[0]

    @property
    def b(self):
        return self.theta[1]

    def __matmul__(self, x):
        return self.w * x + self.b

    def __isub__(self, step):
        with torch.no_grad():
            self.theta.sub_(step)
        self.theta.grad = None
        return self


def fit(x, y, lr, steps):
    m = Line(x.device)
    for _ in range(steps):
        ((m @ x - y) ** 2).mean().backward()
        m -= lr * m.theta.grad
    return m.theta
