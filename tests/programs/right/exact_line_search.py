# exercise: line
# looks like: wrong-update (the best rate along the gradient, by a second derivative)
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        grads = torch.autograd.grad(loss, (w, b))
        t = torch.zeros((), device=x.device, requires_grad=True)
        along = (w.detach() - t * grads[0]) * x + (b.detach() - t * grads[1]) - y
        (slope,) = torch.autograd.grad(along.square().mean(), t, create_graph=True)
        (curve,) = torch.autograd.grad(slope, t)
        rate = (-slope / curve.clamp(min=1e-6)).detach().clamp(0, 3)
        with torch.no_grad():
            w -= rate * grads[0]
            b -= rate * grads[1]
    return w, b
