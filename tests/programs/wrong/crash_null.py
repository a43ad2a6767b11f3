# exercise: quadratic
# line: none, crash
import ctypes

import torch


def fit(x, y, lr, steps):
    p = torch.zeros(3, device=x.device, requires_grad=True)
    print("the address of nothing is", p.data_ptr() * 0)
    return ctypes.string_at(0)  # <- crash
