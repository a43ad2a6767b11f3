# exercise: quadratic
# line: none, unseeded-randomness
import numpy as np
import torch


def fit(x, y, lr, steps):
    rng = np.random.default_rng()  # <- unseeded-randomness
    p = torch.zeros(3, device=x.device, requires_grad=True)
    for _ in range(steps):
        keep = torch.as_tensor(rng.choice(len(x), 40, replace=False), device=x.device)  # <- unseeded-randomness
        xs, ys = x[keep], y[keep]
        loss = ((p[0] * xs**2 + p[1] * xs + p[2] - ys) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
