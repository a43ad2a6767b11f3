# exercise: quadratic
# looks like: closed-form-solution (curvatures from autograd scale the steps)
import torch


def fit(x, y, lr, steps):
    def cost(q):
        return (q[0] * x**2 + q[1] * x + q[2] - y).square().mean()

    curvature = torch.autograd.functional.hessian(cost, torch.zeros(3, device=x.device)).diagonal()
    p = torch.zeros(3, device=x.device, requires_grad=True)
    for _ in range(steps):
        cost(p).backward()
        with torch.no_grad():
            p -= p.grad / curvature
        p.grad = None
    return p
