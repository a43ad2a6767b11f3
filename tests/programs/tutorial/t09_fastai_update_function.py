# exercise: line
# from: fast.ai's "lesson 2 SGD" (an update() on a global tensor a, x @ a)
import torch
from torch import nn

n = 100
torch.manual_seed(0)
x = torch.ones(n, 2)
x[:, 0].uniform_(-1.0, 1)
y = x @ torch.tensor([2.5, -0.9]) + 0.1 * torch.randn(n)


def mse(y_hat, y):
    return ((y_hat - y) ** 2).mean()


a = nn.Parameter(torch.tensor([-1.0, 1.0]))
lr = 1e-1


def update():
    y_hat = x @ a
    loss = mse(y, y_hat)
    if t % 50 == 0:
        print(loss)
    loss.backward()
    with torch.no_grad():
        a.sub_(lr * a.grad)
        a.grad.zero_()


for t in range(300):
    update()
w, b = a.detach()
