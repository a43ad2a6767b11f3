# exercise: quadratic
import torch


def fit(x, y, lr, steps):
    p = torch.zeros(3, device=x.device, requires_grad=True)
    while True:  # <- output-limit
        print("p =", p)  # <- output-limit
