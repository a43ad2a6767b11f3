"""Make tensors of the right dtype, and multiply them.

Goal
    Four small functions, as every program with data begins: numbers become tensors of the right
    dtype, scratch space fits what is there already, noise can be repeated, and a prediction is one
    matrix product.

You write
    features_and_labels(rows)   rows is a list of rows of Python numbers, the last of each row a class
                                label. All of the numbers may be ints.
                                Return (features, labels): float32 (N, D) and int64 (N,).
    scratch_like(template)      template is any tensor.
                                Return zeros of its shape, its dtype and on its device.
    sample_noise(n, seed)       Return n standard normal numbers, float32 (n,): the same for the same
                                seed, others for another.
    predict(X, w)               X is (N, D), w is (D,).
                                Return the matrix-vector product, (N,).

What is judged
    - shapes, dtypes and values, for several inputs: one row, as many rows as columns, many rows
    - that noise depends on its seed, and on nothing else
    - that scratch_like and predict work wherever their tensors are

Try it with
    grader check tensors.py
    grader hint tensors          one more hint each time
"""

import torch


def features_and_labels(rows):
    raise NotImplementedError("Start with the features: what dtype does torch.tensor choose for ints?")


def scratch_like(template):
    raise NotImplementedError("Which functions of torch make a tensor like another one?")


def sample_noise(n, seed):
    raise NotImplementedError("Seed a generator, then draw.")


def predict(X, w):
    raise NotImplementedError("Which operator is the matrix product?")
