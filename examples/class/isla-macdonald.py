import torch


def fit(x, y, lr, steps):
    # TODO after lunch
    raise NotImplementedError("still reading the task")
