# exercise: quadratic
# from: jcjohnson/pytorch-examples, issues 7 and 14 ('NoneType' object has no attribute 'data')
import torch


def fit(x, y, lr, steps):
    w1 = torch.zeros(1, device=x.device, requires_grad=True)
    w2 = torch.zeros(1, device=x.device, requires_grad=True)
    w3 = torch.zeros(1, device=x.device, requires_grad=True)
    for t in range(steps):
        y_pred = w1 * x.pow(2) + w2 * x + w3
        loss = (y_pred - y).pow(2).mean()
        # zero the gradients before the backward pass
        w1.grad.zero_()  # <- runtime-error
        w2.grad.zero_()
        w3.grad.zero_()
        loss.backward()
        with torch.no_grad():
            w1 -= lr * w1.grad
            w2 -= lr * w2.grad
            w3 -= lr * w3.grad
    return w1, w2, w3
