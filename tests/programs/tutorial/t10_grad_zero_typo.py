# exercise: line
# from: patrickloeber/pytorchTutorial, issue 23 (w.grad_zero_() for w.grad.zero_())
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for epoch in range(steps):
        l = ((w * x + b - y) ** 2).mean()
        l.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad_zero_()  # <- runtime-error
        b.grad_zero_()
    return w, b
