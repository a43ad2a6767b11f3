"""Let autograd differentiate.

Goal
    The slope of any function at any point, without a formula: record the computation, walk it
    backwards.

You write
    derivative(f, x0)     f is a function of one tensor of shape () or (1,) that returns a tensor of
                          one element; x0 is a Python float.
                          Return df/dx at x0, a Python float.

What is judged
    - the derivative of several functions at several points
    - that autograd made it: finite differences and formulas by hand are right numbers, and miss the point
    - that it is the same however often it is called

Try it with
    grader check derivative.py
    grader hint derivative       one more hint each time
"""

import torch


def derivative(f, x0):
    raise NotImplementedError("Make a tensor of x0 that requires grad.")
