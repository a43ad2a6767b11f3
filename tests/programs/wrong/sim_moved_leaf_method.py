# exercise: line
# device: sim
import torch


class Line:
    def __init__(self):
        self.w = torch.randn(1, requires_grad=True)
        self.b = torch.zeros(1, requires_grad=True)

    def to(self, device):
        self.w = self.w.to(device)  # <- moved-leaf
        self.b = self.b.to(device)
        return self


def fit(x, y, lr, steps):
    m = Line().to(x.device)
    for _ in range(steps):
        ((m.w * x + m.b - y) ** 2).mean().backward()
        with torch.no_grad():
            for p in (m.w, m.b):
                p -= lr * p.grad
                p.grad.zero_()
    return m.w, m.b
