# exercise: line
import torch


def fit(x, y, lr, steps):
    """Lets .grad grow and uses what each pass added to it."""
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    before = [torch.zeros(1, device=x.device), torch.zeros(1, device=x.device)]
    for _ in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            for i, p in enumerate((w, b)):
                p -= lr * (p.grad - before[i])
                before[i] = p.grad.clone()
    return w, b
