# exercise: quadratic
import torch


class Experiment:
    def __init__(self):
        torch.manual_seed(0)
        self.x = torch.linspace(-1, 1, 100)
        self.y = 2.5 * self.x**2 - 0.9 * self.x + 1.7 + 0.1 * torch.randn(100)
        self.p = torch.zeros(3, requires_grad=True)
        self.log = []

    def run(self, n):
        for i in range(n):
            out = self.p[0] * self.x**2 + self.p[1] * self.x + self.p[2]
            loss = ((out - self.y) ** 2).mean()
            loss.backward()
            with torch.no_grad():
                self.p -= 0.3 * self.p.grad
            self.p.grad = None
            self.log.append({"step": i, "loss": loss})  # <- retained-graph


experiment = Experiment()
experiment.run(600)
a, b, c = experiment.p.tolist()
