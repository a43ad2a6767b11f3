# exercise: line
# looks like: closed-form-solution (an autograd.Function with a backward of its own)
import torch


class MeanSquare(torch.autograd.Function):
    @staticmethod
    def forward(ctx, residual):
        ctx.save_for_backward(residual)
        return (residual * residual).mean()

    @staticmethod
    def backward(ctx, upstream):
        (residual,) = ctx.saved_tensors
        return upstream * 2 * residual / residual.numel()


def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        MeanSquare.apply(w * x + b - y).backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
