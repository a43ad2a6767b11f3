"""What a fit is held against: the data that the run really had, and the best answer to it.

For a function the data are the grader's own. A script makes its own: they are read from its globals, and
where they cannot be found the lesson's coefficients stand in, with room for the noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations
from typing import TYPE_CHECKING

from grader.curve import CurveFit, FitCase, Polynomial
from grader.records import ReturnedValue, Trace

if TYPE_CHECKING:
    from grader.curve import Array

SCRIPT_NAMES = (
    ("x_train", "y_train"), ("X_train", "y_train"), ("train_x", "train_y"),
    ("x", "y"), ("X", "Y"), ("xs", "ys"), ("x_data", "y_data"),
)  # fmt: skip
"""What scripts call their data. What was set apart for training comes first: it is what is fitted."""
LIKE = 3.0
"""A residual is like the lesson's noise within this factor."""
NOT_NOISE = 0.5
"""What leaves more than this share of its variance unexplained is noise, and no data to fit."""
STANDARD_ERRORS = 6
"""How far from the truth a least-squares solution on unknown noise may lie."""


@dataclass(frozen=True)
class Fit:
    """The question that a run was to answer, and the answer."""

    model: Polynomial
    names: tuple[str, ...]
    expected: tuple[float, ...]
    tolerance: float
    truth: tuple[float, ...] | None
    noise: float
    x: Array | None = None
    y: Array | None = None
    lr: float | None = None
    steps: int | None = None

    @property
    def size(self) -> int:
        return len(self.names)

    @property
    def points(self) -> int | None:
        return None if self.x is None else len(self.x)

    @cached_property
    def _design(self) -> Array | None:
        return None if self.x is None else self.model.design(self.x)

    def loss(self, parameters: Sequence[float]) -> float | None:
        """The mean squared error at ``parameters``; None where the data are not known, or where these are not
        as many numbers as the model has."""
        import numpy as np

        if self._design is None or self.y is None or len(parameters) != self.size:
            return None
        with np.errstate(all="ignore"):
            return float(((self._design @ np.array(parameters) - self.y) ** 2).mean())

    def gradient(self, parameters: Sequence[float]) -> tuple[float, ...] | None:
        """The gradient of the mean squared error at ``parameters``, one number a parameter."""
        import numpy as np

        if self._design is None or self.y is None or len(parameters) != self.size:
            return None
        with np.errstate(all="ignore"):
            residual = self._design @ np.array(parameters) - self.y
            gradient = 2.0 / len(self.y) * self._design.T @ residual
        return tuple(float(value) for value in gradient)

    def gradients(self, parameters: Sequence[Sequence[float]]) -> list[list[float]]:
        """``gradient`` at many places at once, as ``losses`` is ``loss``; none where the data are unknown."""
        import numpy as np

        if self._design is None or self.y is None or not parameters:
            return []
        with np.errstate(all="ignore"):
            residuals = np.array(parameters) @ self._design.T - self.y
            found: list[list[float]] = (2.0 / len(self.y) * residuals @ self._design).tolist()
        return found

    def losses(self, parameters: Sequence[Sequence[float]]) -> list[float] | None:
        """``loss`` at many places at once, each of as many numbers as the model has; None where the data are
        not known."""
        import numpy as np

        if self._design is None or self.y is None:
            return None
        with np.errstate(all="ignore"):
            residuals = np.array(parameters) @ self._design.T - self.y
            found: list[float] = (residuals**2).mean(axis=1).tolist()
        return found

    def is_met_by(self, recovered: Sequence[float] | None) -> bool:
        """Whether every parameter is within the tolerance. NaN is not."""
        if recovered is None or len(recovered) != len(self.expected):
            return False
        pairs = zip(recovered, self.expected, strict=True)
        return all(abs(got - wanted) <= self.tolerance for got, wanted in pairs)


def function_fit(exercise: CurveFit, case: FitCase) -> Fit:
    """The question of a function's run."""
    import numpy as np

    return Fit(
        model=exercise.model,
        names=exercise.names,
        expected=case.expected,
        tolerance=case.tolerance,
        truth=case.data.truth,
        noise=case.data.noise,
        x=np.array(case.data.x),
        y=np.array(case.data.y),
        lr=case.lr,
        steps=case.steps,
    )


def script_fit(exercise: CurveFit, trace: Trace | None) -> Fit:
    """The question that a script asked itself."""
    data = _data(exercise, trace) if trace else None
    if data is None:
        return _unknown_data(exercise)
    x, y = data
    return Fit(
        model=exercise.model,
        names=exercise.names,
        expected=tuple(exercise.model.least_squares(x, y).tolist()),
        tolerance=exercise.tolerance,
        truth=exercise.script_truth,
        noise=exercise.noise,
        x=x,
        y=y,
    )


def _unknown_data(exercise: CurveFit) -> Fit:
    import numpy as np

    x = np.linspace(*exercise.interval, exercise.points)
    design = exercise.model.design(x)
    spread = exercise.noise * np.sqrt(np.diag(np.linalg.inv(design.T @ design)).max())
    return Fit(
        model=exercise.model,
        names=exercise.names,
        expected=exercise.script_truth,
        tolerance=exercise.tolerance + STANDARD_ERRORS * float(spread),
        truth=exercise.script_truth,
        noise=exercise.noise,
    )


def _data(exercise: CurveFit, trace: Trace) -> tuple[Array, Array] | None:
    """The data that the answer fits, of all that a script left behind (a whole set, the part that it was
    trained on, the last batch); where it fits none, the first under a well-known name."""
    held = {name: _array(value) for name, value in trace.globals.items() if name not in exercise.names}
    arrays = {name: array for name, array in held.items() if array is not None}
    pairs = [(arrays[x], arrays[y]) for x, y in SCRIPT_NAMES if x in arrays and y in arrays]
    found = [pair for pair in pairs if _fits(*pair)]
    found += _plausible(exercise, list(arrays.values()))
    answer = _answer(exercise, trace)
    return next((pair for pair in found if _is_fitted(exercise, pair, answer)), found[0] if found else None)


def _answer(exercise: CurveFit, trace: Trace) -> tuple[float, ...]:
    """The numbers in a script's fitted names."""
    values = [trace.globals.get(name) for name in exercise.names]
    numbers = [v.tensor.values if v.tensor else (v.number,) for v in values if v is not None]
    return tuple(n for some in numbers if some is not None for n in some if n is not None)


def _is_fitted(exercise: CurveFit, pair: tuple[Array, Array], answer: Sequence[float]) -> bool:
    best = exercise.model.least_squares(*pair)
    near = [abs(got - wanted) <= exercise.tolerance for got, wanted in zip(answer, best, strict=False)]
    return len(answer) == len(best) and all(near)


def _plausible(exercise: CurveFit, arrays: Sequence[Array]) -> list[tuple[Array, Array]]:
    """The pairs whose residual is like the lesson's noise: not zero, as between x and the noiseless curve,
    nor large, as between x and something else. The largest come first, and of those the one most like it."""
    import numpy as np

    found: list[tuple[int, float, Array, Array]] = []
    for x, y in permutations(arrays, 2):
        if not _fits(x, y) or len(np.unique(x)) <= len(exercise.names):
            continue
        solution = exercise.model.least_squares(x, y)
        spread = float(np.sqrt(exercise.model.loss(solution, x, y)))
        if spread**2 > NOT_NOISE * float(np.var(y)):
            continue
        distance = abs(float(np.log(max(spread, 1e-12) / exercise.noise)))
        if distance < np.log(LIKE):
            found.append((-len(x), distance, x, y))
    return [pair[2:] for pair in sorted(found, key=lambda pair: pair[:2])]


def _array(value: ReturnedValue) -> Array | None:
    import numpy as np

    if value.values is None or len(value.values) < 8:
        return None
    array = np.array(value.values, dtype=np.float64)
    return array if np.isfinite(array).all() else None


def _fits(x: Array, y: Array) -> bool:
    return len(x) == len(y)
