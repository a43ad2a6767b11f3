"""Accumulate on purpose.

Goal
    backward() adds to .grad. That is a trap in a training loop, and a tool here: data that come in
    batches give one gradient, a batch at a time.

You write
    accumulated_gradients(batches, w, b)   batches is a list of (x, y), equal in size; w and b are leaf
                                           tensors of shape (1,) that require grad, their grads clear.
                                           Return (dw, db): the gradient of the mean loss over all
                                           batches. The loss of a batch is the mean squared error of
                                           w * x + b.

What is judged
    - both numbers, for one batch and for several
    - that there was one backward pass a batch
    - that w.grad and b.grad are clear (None or zero) when it returns
    - that it works wherever the data are

Try it with
    grader check accumulation.py
    grader hint accumulation     one more hint each time
"""

import torch


def accumulated_gradients(batches, w, b):
    raise NotImplementedError("Start with a loop over the batches, and one backward pass in it.")
