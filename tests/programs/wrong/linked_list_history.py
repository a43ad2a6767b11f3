# exercise: line
import torch


class Node:
    def __init__(self, loss, before):
        self.loss, self.before = loss, before


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    last = None
    for _ in range(steps):  # <- retained-graph
        loss = ((w * x + b - y) ** 2).mean()
        last = Node(loss, last)  # <- retained-graph
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
