# exercise: quadratic
# looks like: wrong-update (the rate is searched for, Armijo)
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(3, device=x.device, requires_grad=True)

    def cost(q):
        return (q[0] * x**2 + q[1] * x + q[2] - y).square().mean()

    for _ in range(steps):
        loss = cost(p)
        (g,) = torch.autograd.grad(loss, p)
        with torch.no_grad():
            rate = 2 * lr
            for _ in range(8):
                if cost(p - rate * g) <= loss - 0.3 * rate * (g @ g):
                    break
                rate /= 2
            p -= rate * g
    return p
