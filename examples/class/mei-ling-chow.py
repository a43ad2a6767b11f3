import torch


def predict(params, x):
    a, b, c = params
    return a * x ** 2 + b * x + c


def mse(pred, target):
    assert pred.shape == target.shape, (pred.shape, target.shape)
    return ((pred - target) ** 2).mean()


@torch.no_grad()
def update(params, lr):
    for p in params:
        p -= lr * p.grad


def zero(params):
    for p in params:
        if p.grad is not None:
            p.grad.zero_()


def make_params(device):
    return [torch.randn(1, device=device).requires_grad_() for _ in range(3)]


def fit(x, y, lr, steps):
    params = make_params(x.device)
    for step in range(steps):
        loss = mse(predict(params, x), y)
        zero(params)
        loss.backward()
        update(params, lr)
    return params


# quick test
if __name__ == "__main__":
    xs = torch.linspace(-2, 2, 200)
    ys = 1.5 * xs**2 - 2 * xs + 0.5
    print(fit(xs, ys, 0.05, 2000))
