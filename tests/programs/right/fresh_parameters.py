# exercise: line
# looks like: tracked-rebinding (new nn.Parameters each step, which are leaves)
import torch
from torch.nn import Parameter


def fit(x, y, lr, steps):
    w = Parameter(torch.zeros(1, device=x.device))
    b = Parameter(torch.zeros(1, device=x.device))
    for _ in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        w, b = Parameter(w.detach() - lr * w.grad), Parameter(b.detach() - lr * b.grad)
    return w, b
