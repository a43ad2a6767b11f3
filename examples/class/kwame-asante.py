import torch

# I put all the coefficients in one vector, easier to update
# theta[0] = a, theta[1] = b, theta[2] = c


def fit(x, y, lr, steps):
    theta = torch.zeros(3, device=x.device, requires_grad=True)
    for i in range(steps):
        pred = theta[0] * x * x + theta[1] * x + theta[2]
        mse = torch.mean((pred - y) ** 2)
        mse.backward()
        with torch.no_grad():
            theta -= lr * theta.grad
            theta.grad.zero_()
    return theta
