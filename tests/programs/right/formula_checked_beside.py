# exercise: line
# looks like: closed-form-solution (a formula by hand, as a check only)
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for step in range(steps):
        error = w * x + b - y
        (error**2).mean().backward()
        with torch.no_grad():
            if step % 20 == 0:
                by_hand = 2 * (error * x).mean()
                assert torch.allclose(w.grad, by_hand.reshape(1), atol=1e-4), (w.grad, by_hand)
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
