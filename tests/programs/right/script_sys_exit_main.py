# exercise: quadratic
import sys

import torch

a = b = c = None


def generate(n=100):
    torch.manual_seed(4)
    t = torch.linspace(-1, 1, n)
    return t, 2.5 * t**2 - 0.9 * t + 1.7 + torch.randn(n) * 0.1


def main():
    global a, b, c
    inputs, targets = generate()
    a, b, c = (torch.zeros(1, requires_grad=True) for _ in range(3))
    for _ in range(800):
        loss = torch.nn.functional.mse_loss(a * inputs**2 + b * inputs + c, targets)
        loss.backward()
        with torch.no_grad():
            for p in (a, b, c):
                p -= 0.3 * p.grad
                p.grad = None
    return 0


if __name__ == "__main__":
    sys.exit(main())
