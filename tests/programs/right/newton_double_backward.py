# exercise: line
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(2, device=x.device, requires_grad=True)
    for _ in range(min(steps, 5)):
        loss = ((p[0] * x + p[1] - y) ** 2).mean()
        (g,) = torch.autograd.grad(loss, p, create_graph=True)
        rows = [torch.autograd.grad(g[i], p, retain_graph=True)[0] for i in range(2)]
        H = torch.stack(rows)
        det = H[0, 0] * H[1, 1] - H[0, 1] * H[1, 0]
        with torch.no_grad():
            step = torch.stack([H[1, 1] * g[0] - H[0, 1] * g[1], H[0, 0] * g[1] - H[1, 0] * g[0]]) / det
            p -= step
    return p
