# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(3, device=x.device, requires_grad=True)
    for _ in range(steps):
        loss = ((p[0] * x**2 + p[1] * x + p[2] - y) ** 2).mean()
        loss.backward()
        rate = lr
        with torch.no_grad():
            while True:  # <- time-limit
                q = p - rate * p.grad  # <- time-limit
                trial = ((q[0] * x**2 + q[1] * x + q[2] - y) ** 2).mean()  # <- time-limit
                if trial < 0:  # <- time-limit
                    break
                rate *= 0.5  # <- time-limit
            p.copy_(q)
        p.grad = None
    return p
