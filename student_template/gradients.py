"""The gradients of a line's loss.

Goal
    One forward and one backward pass, taken apart: predictions, a loss, and how the loss changes with
    the slope and with the intercept. You could work these out by hand; let autograd do it, and compare.

You write
    line_gradients(x, y, w, b)   x and y are float32 (N,), w and b are Python floats.
                                 Return (loss, dw, db): the mean squared error of w * x + b, a 0-dim
                                 tensor, and its derivatives with respect to w and b, tensors of one
                                 element each.

What is judged
    - the loss and both derivatives, held against the formulas, for one point and for many
    - that autograd made them
    - that they are the same however often it is called
    - that it works wherever x and y are

Try it with
    grader check gradients.py
    grader hint gradients        one more hint each time
"""

import torch


def line_gradients(x, y, w, b):
    raise NotImplementedError("Make tensors of w and b that require grad, where x is.")
