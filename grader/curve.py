"""Curves to fit: the exercises in which a training loop is written by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from grader.exercise import Case, EntryPoint, Exercise
from grader.records import PlainArgument, TensorArgument

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


SHORT_STEPS = 80
"""Enough for all of a loop's life to show: new, going on as it began, and at its end."""


@dataclass(frozen=True)
class Polynomial:
    """The model of a curve fit: the sum over j of ``parameters[j] * x**powers[j]``."""

    powers: tuple[int, ...]

    def design(self, x: Array) -> Array:
        """The design matrix, float64 ``(N, K)``, of float64 ``(N,)`` abscissae."""
        import numpy as np

        return np.stack([x**power for power in self.powers], axis=1)

    def least_squares(self, x: Array, y: Array) -> Array:
        """The float64 ``(K,)`` that minimises the mean squared error on ``(x, y)``."""
        import numpy as np

        solution: Array = np.linalg.lstsq(self.design(x), y, rcond=None)[0].astype(np.float64)
        return solution

    def loss(self, parameters: Array, x: Array, y: Array) -> float:
        """The mean squared error at ``parameters``."""
        residual = self.design(x) @ parameters - y
        return float((residual**2).mean())

    def gradient(self, parameters: Array, x: Array, y: Array) -> Array:
        """d(mean squared error)/d(parameters) = (2/N) Xᵀ(Xp - y), float64 ``(K,)``."""
        design = self.design(x)
        result: Array = 2.0 / len(x) * design.T @ (design @ parameters - y)
        return result


@dataclass(frozen=True)
class Dataset:
    """Noisy points on a hidden curve. ``x`` and ``y`` hold float32 values, as the child gets them."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    truth: tuple[float, ...]
    noise: float


@dataclass(frozen=True, kw_only=True)
class FitCase(Case):
    """One call of ``fit``, and what the parent alone knows about it."""

    data: Dataset
    expected: tuple[float, ...]
    """The least-squares solution of the very data given."""
    lr: float
    steps: int
    tolerance: float


@dataclass(frozen=True)
class Schedule:
    """The length of a run. ``seed`` is an offset to the exercise's first seed. A schedule that is given
    twice is run twice: what differs, no seed governs."""

    seed: int
    lr: float
    steps: int


@dataclass(frozen=True, kw_only=True)
class CurveFit(Exercise):
    """A curve to fit by hand-written gradient descent."""

    entry: EntryPoint
    names: tuple[str, ...]
    """The fitted parameters, in the order they are returned in; a script's global names."""
    model: Polynomial
    points: int
    interval: tuple[float, float]
    noise: float
    schedules: tuple[Schedule, ...]
    script_truth: tuple[float, ...]
    """The coefficients of the lesson's own data, which a script makes for itself."""
    tolerance: float = 0.02
    """How far a parameter may be from the least-squares solution. The model solutions end within
    1e-4 of it, and the noise moves the solution itself by less than the tolerance."""
    coefficient_range: tuple[float, float] = (0.6, 2.9)
    """The sizes that hidden coefficients are drawn from; their signs are drawn too."""

    @property
    def entries(self) -> tuple[EntryPoint, ...]:
        return (self.entry,)

    @property
    def script_names(self) -> tuple[str, ...]:
        return self.names

    def cases(self, seeds: Sequence[int] | None = None) -> tuple[FitCase, ...]:
        """The calls that grade a function, in order. ``seeds`` replaces the exercise's own."""
        offsets = sorted({schedule.seed for schedule in self.schedules})
        chosen = tuple(seeds) if seeds else tuple(self.first_seed + offset for offset in offsets)
        return tuple(
            _case(self, chosen[offsets.index(schedule.seed) % len(chosen)], schedule)
            for schedule in self.schedules
        )

    def dataset(self, seed: int) -> Dataset:
        """``points`` noisy points on a curve whose coefficients are drawn from ``seed``."""
        import numpy as np

        generator = np.random.default_rng(seed)
        low, high = self.coefficient_range
        size = len(self.names)
        truth = generator.uniform(low, high, size) * generator.choice([-1.0, 1.0], size)
        x = np.linspace(*self.interval, self.points).astype(np.float32).astype(np.float64)
        noise = self.noise * generator.standard_normal(self.points)
        y = (self.model.design(x) @ truth + noise).astype(np.float32)
        return Dataset(
            x=tuple(x.tolist()),
            y=tuple(y.astype(np.float64).tolist()),
            truth=tuple(truth.tolist()),
            noise=self.noise,
        )


@lru_cache(maxsize=64)
def _case(exercise: CurveFit, seed: int, schedule: Schedule) -> FitCase:
    """The same objects for the same question: each submission of a class is asked it on every device."""
    import numpy as np

    data = exercise.dataset(seed)
    shape = (exercise.points,)
    solution = exercise.model.least_squares(np.array(data.x), np.array(data.y))
    return FitCase(
        seed=seed,
        entry=exercise.entry.name,
        arguments=(
            TensorArgument(values=data.x, shape=shape),
            TensorArgument(values=data.y, shape=shape),
            PlainArgument(value=schedule.lr),
            PlainArgument(value=schedule.steps),
        ),
        data=data,
        expected=tuple(solution.tolist()),
        lr=schedule.lr,
        steps=schedule.steps,
        tolerance=exercise.tolerance,
        watch_from=schedule.steps - 1,
        is_long=schedule.steps > max(SHORT_STEPS, min(each.steps for each in exercise.schedules)),
    )
