# exercise: line
import torch; torch.manual_seed(3)

def fit(x, y, lr, steps):
    w = torch.empty(1, device=x.device).normal_().requires_grad_(); b = torch.empty(1, device=x.device).fill_(0.5).requires_grad_()
    for i in range(steps):
        z = w*x; p = z+b; e = p-y; q = e**2; l = q.mean(); l.backward()
        with torch.no_grad(): w -= lr*w.grad; b -= lr*b.grad
        w.grad = None; b.grad = None
    return w, b
