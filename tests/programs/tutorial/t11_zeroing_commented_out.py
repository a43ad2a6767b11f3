# exercise: line
# from: a forum post on Dive into Deep Learning ("not sure if this is necessary")
import torch


class Linear:
    def __init__(self, device, eta):
        self.theta = torch.tensor([0.0, 0.0], device=device, requires_grad=True)
        self.eta = eta

    def cal(self, x):
        X = torch.stack((x, torch.ones_like(x)), dim=1)
        return X @ self.theta

    def batch(self, x, y):
        loss = ((self.cal(x) - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            self.theta -= self.eta * self.theta.grad
            # not sure if this is necessary
            # self.theta.grad.zero_()  # <- stale-gradient


def fit(x, y, lr, steps):
    model = Linear(x.device, lr)
    for _ in range(steps):  # <- stale-gradient
        model.batch(x, y)  # <- stale-gradient
    return model.theta
