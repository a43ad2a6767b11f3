# exercise: quadratic
# from: PyTorch forum 43284 and 2735 (memory grows with loss += loss_part)
import torch


def fit(x, y, lr, steps):
    a, b, c = (torch.randn(1, device=x.device, requires_grad=True) for _ in range(3))
    running_loss = 0
    for i in range(steps):
        outputs = a * x**2 + b * x + c
        loss = torch.nn.functional.mse_loss(outputs, y)
        loss.backward()
        with torch.no_grad():
            for p in (a, b, c):
                p -= lr * p.grad
                p.grad.zero_()
        running_loss += loss  # <- retained-graph
        if i % 100 == 99:
            print("[%d] loss: %.5f" % (i + 1, running_loss / (i + 1)))
    return a, b, c
