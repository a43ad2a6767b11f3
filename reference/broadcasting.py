"""A model solution of `broadcasting`."""

from torch import Tensor


def grid_sum(col: Tensor, row: Tensor) -> Tensor:
    """Every pair's sum: ``(M,)`` and ``(N,)`` give ``(M, N)``."""
    return col[:, None] + row  # (M, 1) + (N,): both are stretched, nothing is copied


def mse(pred: Tensor, target: Tensor) -> Tensor:
    """The mean squared error over N pairs; 0-dim. ``target`` is ``(N,)`` or ``(N, 1)``."""
    # (N,) - (N, 1) would be N × N differences.
    return ((pred - target.reshape(pred.shape)) ** 2).mean()
