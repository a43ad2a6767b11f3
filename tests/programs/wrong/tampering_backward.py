# exercise: quadratic
# line: none, tampering
import torch


def quiet_backward(self, *args, **kwargs):
    return None


torch.Tensor.backward = quiet_backward  # <- tampering


def fit(x, y, lr, steps):
    p = torch.zeros(3, device=x.device, requires_grad=True)
    for _ in range(steps):
        p.grad = None
        loss = ((p[0] * x**2 + p[1] * x + p[2] - y) ** 2).mean()
        loss.backward()
    return p
