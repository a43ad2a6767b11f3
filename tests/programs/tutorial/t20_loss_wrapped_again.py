# exercise: line
# from: a workaround for "element 0 of tensors does not require grad" (Variable(loss, requires_grad=True))
import torch
from torch.autograd import Variable


def fit(x, y, lr, steps):
    w = torch.randn(1, device=x.device, requires_grad=True)
    b = torch.randn(1, device=x.device, requires_grad=True)
    for epoch in range(steps):
        prediction = w.item() * x + b.item()  # <- severed-graph
        loss = torch.nn.functional.mse_loss(prediction, y)
        loss = Variable(loss, requires_grad=True)  # <- severed-graph
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad.zero_()
        b.grad.zero_()
    return w, b
