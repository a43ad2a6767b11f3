# exercise: line
# from: questions on the squared_loss of Dive into Deep Learning (why y.view(y_hat.size())?)
import torch


def squared_loss(y_hat, y):
    return (y_hat - y) ** 2 / 2  # <- silent-broadcast


def sgd(params, lr):
    with torch.no_grad():
        for param in params:
            param -= lr * param.grad
            param.grad.zero_()


def fit(x, y, lr, steps):
    features = x.reshape(-1, 1)  # <- silent-broadcast
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        l = squared_loss(features * w + b, y)  # <- silent-broadcast
        l.mean().backward()
        sgd([w, b], lr)
    return w, b
