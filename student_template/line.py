"""Fit a line with raw autograd.

Goal
    Points (x, y) lie near a line whose slope and intercept are hidden from you. Find both by
    gradient descent: predict, measure the mean squared error, let autograd work out the
    gradients, take a step downhill, clear the gradients, and again.

You are given
    x, y    float32 tensors of shape (N,), on the device that your code is graded on
    lr      the learning rate, a float
    steps   how many steps to take, an int

You return
    (w, b)  the fitted parameters of w * x + b: float32 leaf tensors of shape (1,) or () on
            x's device that require grad. One packed tensor of shape (2,) is fine too.

What is judged
    - w and b are those of the least-squares line, for several data sets, rates and step counts
    - their shapes and dtypes
    - they are leaf tensors that require grad, from the first step to the last
    - every step uses the gradient of that step alone
    - no step is recorded by autograd

What is not allowed
    torch.optim, torch.nn.Module and its children (nn.Linear, nn.MSELoss), and solvers that need
    no descent (lstsq, solve, pinv, polyfit). Any style of loop, helper function or class is fine,
    and so are torch.nn.functional and torch.autograd.grad.

Try it with
    grader check line.py
"""

import torch


def fit(x, y, lr, steps):
    raise NotImplementedError(
        "Start with the two parameters: a slope and an intercept, made with requires_grad=True."
    )
