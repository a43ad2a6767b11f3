# exercise: line
import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        dw, db = torch.autograd.grad(loss, (w, b))
        w = torch.from_numpy(w.detach().cpu().numpy() - lr * dw.cpu().numpy()).to(x.device)  # <- lost-requires-grad
        b = torch.from_numpy(b.detach().cpu().numpy() - lr * db.cpu().numpy()).to(x.device)  # <- lost-requires-grad
    return w, b
