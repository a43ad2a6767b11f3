"""Step downhill, and look without recording.

Goal
    The last half of a training step: move the parameters, clear the gradients, and measure how good they
    are now, all of it without autograd taking notes.

You write
    sgd_step(params, lr)     params is a list of leaf tensors whose .grad is filled, lr a float.
                             Return nothing. Each parameter has moved in place by -lr * grad and is still
                             the same leaf; its gradient is clear (None or zero).
    evaluate(x, y, w, b)     x and y are (N,), w and b leaf tensors of shape (1,).
                             Return the mean squared error of w * x + b, a Python float. No graph is
                             built.

What is judged
    - where each parameter is after the step, that it is the very tensor that was given, and a leaf
    - that its gradient is clear
    - the error, and that nothing was recorded for it
    - that both work wherever their tensors are

Try it with
    grader check update.py
    grader hint update           one more hint each time
"""

import torch


def sgd_step(params, lr):
    raise NotImplementedError("Under which context does torch not record?")


def evaluate(x, y, w, b):
    raise NotImplementedError("Which context keeps torch from building a graph?")
