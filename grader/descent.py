"""Plain gradient descent on the data of a fit, as the reference does it: what a run is drawn beside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from grader.fit import Fit

MOST_STEPS = 10_000_000


def descent(fit: Fit, start: Sequence[float], rate: float, steps: Iterable[int]) -> list[tuple[int, float]]:
    """``(step, mean squared error)`` at the beginning of each of ``steps``, counted from 1.

    The error is quadratic, so that no step need be made: along each eigenvector of its Hessian H the distance
    to the optimum shrinks (or grows) by the factor 1 - rate·λ a step.
    """
    import numpy as np

    if fit.x is None or fit.y is None or len(start) != fit.size:
        return []
    design = fit.model.design(fit.x)
    hessian = 2.0 / len(fit.x) * design.T @ design
    curvatures, directions = np.linalg.eigh(hessian)
    best = np.array(fit.expected)
    floor = fit.model.loss(best, fit.x, fit.y)
    distances = directions.T @ (np.array(start, dtype=np.float64) - best)
    found = []
    with np.errstate(all="ignore"):
        for step in steps:
            left = distances * (1.0 - rate * curvatures) ** min(step - 1, MOST_STEPS)
            found.append((step, float(floor + 0.5 * (curvatures * left**2).sum())))
    return found
