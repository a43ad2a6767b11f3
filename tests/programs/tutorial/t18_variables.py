# exercise: quadratic
# from: tutorials of PyTorch 0.3 (Variable, .data, .grad.data.zero_())
import torch
from torch.autograd import Variable


def fit(x, y, lr, steps):
    x, y = Variable(x), Variable(y)
    W = Variable(torch.zeros(3).type_as(x), requires_grad=True)
    for t in range(steps):
        y_pred = W[0] * x.pow(2) + W[1] * x + W[2]
        loss = (y_pred - y).pow(2).mean()
        loss.backward()
        W.data -= lr * W.grad.data  # <- data-attribute-update (warning)
        W.grad.data.zero_()
    return W
