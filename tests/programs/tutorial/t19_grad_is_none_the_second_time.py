# exercise: line
# from: "why is w.grad None after the update?" (rebound under no_grad)
import torch


def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True, device=x.device)
    b = torch.randn(1, requires_grad=True, device=x.device)
    for epoch in range(steps):
        yhat = b + w * x
        loss = ((y - yhat) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            b = b - lr * b.grad  # <- lost-requires-grad
            w = w - lr * w.grad  # <- lost-requires-grad
        b.grad.zero_()  # <- lost-requires-grad
        w.grad.zero_()
    return w, b
