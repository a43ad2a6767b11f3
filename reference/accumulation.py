"""A model solution of `accumulation`."""

from torch import Tensor


def accumulated_gradients(
    batches: list[tuple[Tensor, Tensor]], w: Tensor, b: Tensor
) -> tuple[Tensor, Tensor]:
    """The gradient of the mean loss over equal-sized batches, by one backward pass a batch."""
    for x, y in batches:
        loss = ((w * x + b - y) ** 2).mean()
        (loss / len(batches)).backward()  # each adds its share to .grad

    # Taken, not copied: with .grad set to None these two are nobody else's.
    dw, db = w.grad, b.grad
    w.grad = b.grad = None
    return dw, db
