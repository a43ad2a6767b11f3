"""Broadcast where you mean to, and only there.

Goal
    Use broadcasting to combine every element with every other one, and recognise the loss in which it
    happens unasked: (N,) against (N, 1) is N × N numbers, and no error.

You write
    grid_sum(col, row)    col is (M,), row is (N,).
                          Return every pair's sum, (M, N): the element [i, j] is col[i] + row[j].
    mse(pred, target)     pred is (N,), target is (N,) or (N, 1).
                          Return the mean squared error over the N pairs, a 0-dim tensor.

What is judged
    - shapes and values, for M and N equal and not, for N = 1, and for many
    - that there are N differences in the error, whichever shape the targets have
    - that both work wherever their tensors are

Try it with
    grader check broadcasting.py
    grader hint broadcasting     one more hint each time
"""

import torch


def grid_sum(col, row):
    raise NotImplementedError("Which of the two needs a new dimension?")


def mse(pred, target):
    raise NotImplementedError("Bring both to the same shape first.")
