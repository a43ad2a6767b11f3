# exercise: line
# from: "Linear Regression Implementation from Scratch", Dive into Deep Learning
import random

import torch

random.seed(0)
torch.manual_seed(0)


def synthetic_data(w, b, n):
    x = torch.linspace(-1, 1, n)
    return x, w * x + b + torch.normal(0, 0.1, x.shape)


def data_iter(batch_size, features, labels):
    indices = list(range(len(features)))
    random.shuffle(indices)
    for i in range(0, len(indices), batch_size):
        batch = torch.tensor(indices[i : i + batch_size])
        yield features[batch], labels[batch]


def linreg(X, w, b):
    return w * X + b


def squared_loss(y_hat, y):
    return (y_hat - y.reshape(y_hat.shape)) ** 2 / 2


def sgd(params, lr, batch_size):
    with torch.no_grad():
        for param in params:
            param -= lr * param.grad / batch_size
            param.grad.zero_()


features, labels = synthetic_data(2.5, -0.9, 100)
w = torch.normal(0, 0.01, size=(1,), requires_grad=True)
b = torch.zeros(1, requires_grad=True)

lr, num_epochs, batch_size = 0.05, 60, 10
for epoch in range(num_epochs):
    for X, y in data_iter(batch_size, features, labels):
        l = squared_loss(linreg(X, w, b), y)
        l.sum().backward()
        sgd([w, b], lr, batch_size)
    with torch.no_grad():
        train_l = squared_loss(linreg(features, w, b), labels)
        if epoch % 20 == 0:
            print(f"epoch {epoch + 1}, loss {float(train_l.mean()):f}")
