# exercise: line
# looks like: diverged (a rate from the last two gradients)
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(2, device=x.device, requires_grad=True)
    before = None
    for _ in range(steps):
        loss = ((p[0] * x + p[1] - y) ** 2).mean()
        (g,) = torch.autograd.grad(loss, p)
        rate = lr
        if before is not None:
            s, d = p.detach() - before[0], g - before[1]
            if float(s @ d) < 1e-10:
                break
            rate = float(s @ s) / float(s @ d)
        before = p.detach().clone(), g
        with torch.no_grad():
            p -= rate * g
    return p
