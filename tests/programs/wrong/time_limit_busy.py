# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(3, device=x.device, requires_grad=True)
    print("waiting for a better idea", p.shape)
    while True: pass  # <- time-limit
