# exercise: line
import torch


def make_data(n=100):
    x = torch.linspace(-1, 1, n)
    return x, 2.5 * x - 0.9 + 0.1 * torch.randn(n)


def train(x, y, lr=0.5, steps=101):
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for _ in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b


if __name__ == "__main__":
    torch.manual_seed(5)
    w, b = train(*make_data())
    print("w", w.item(), "b", b.item())
