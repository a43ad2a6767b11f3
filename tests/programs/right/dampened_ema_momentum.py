# exercise: line
# looks like: stale-gradient (an average of past gradients is applied)
import torch


def fit(x, y, lr, steps):
    theta = torch.zeros(2, device=x.device, requires_grad=True)
    average = None
    for _ in range(steps):
        loss = ((theta[0] * x + theta[1] - y) ** 2).mean()
        (g,) = torch.autograd.grad(loss, theta)
        average = g if average is None else torch.lerp(average, g, 0.6)
        with torch.no_grad():
            theta -= lr * average
    return theta
