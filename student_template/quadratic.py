"""Fit a quadratic with raw autograd.

Goal
    Points (x, y) lie near a parabola whose three coefficients are hidden from you. Find them by
    gradient descent. It is the loop that fits a line, with one parameter more.

You are given
    x, y    float32 tensors of shape (N,), on the device that your code is graded on
    lr      the learning rate, a float
    steps   how many steps to take, an int

You return
    (a, b, c)  the fitted parameters of a * x**2 + b * x + c: float32 leaf tensors of shape (1,)
               or () on x's device that require grad. One packed tensor of shape (3,) is fine too.

What is judged
    - a, b and c are the least-squares coefficients, for several data sets, rates and step counts
    - their shapes and dtypes
    - they are leaf tensors that require grad, from the first step to the last
    - every step uses the gradient of that step alone, for all three
    - no step is recorded by autograd

What is not allowed
    torch.optim, torch.nn.Module and its children (nn.Linear, nn.MSELoss), and solvers that need
    no descent (lstsq, solve, pinv, polyfit). Any style of loop, helper function or class is fine,
    and so are torch.nn.functional and torch.autograd.grad.

Try it with
    grader check quadratic.py
"""

import torch


def fit(x, y, lr, steps):
    raise NotImplementedError(
        "Start with the three parameters: a, b and c, each made with requires_grad=True."
    )
