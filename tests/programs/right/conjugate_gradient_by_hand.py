# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(3, device=x.device, requires_grad=True)

    def value(q):
        return ((q[0] * x**2 + q[1] * x + q[2] - y) ** 2).mean()

    d = prev = None
    for _ in range(min(steps, 12)):
        (g,) = torch.autograd.grad(value(p), p)
        if g.norm() < 1e-3:
            break
        d = -g if d is None else -g + (g @ g) / (prev @ prev) * d
        prev = g
        with torch.no_grad():
            # along d the loss is a parabola: three values give its lowest point
            f0, f1, f2 = value(p), value(p + d), value(p + 2 * d)
            curve, slope = f2 - 2 * f1 + f0, (4 * f1 - 3 * f0 - f2) / 2
            p += (-slope / curve) * d
    return p
