# exercise: line
# from: PyTorch forum 73588, "Simple understanding of backprop/gradient descent"
import torch


def fit(x, y, lr, steps):
    a = torch.tensor([-5.0, 5.0], device=x.device, requires_grad=True)
    features = torch.stack([x, torch.ones_like(x)], dim=-1)

    def mse(y, y_hat):
        return (y - y_hat).pow(2).mean()

    def update():
        y_hat = features @ a
        loss = mse(y, y_hat)
        if t % 10 == 0:
            print(loss)
        loss.backward()
        with torch.no_grad():
            a.sub_(lr * a.grad)
            a.grad.zero_()

    for t in range(2 * steps):
        update()
    return a
