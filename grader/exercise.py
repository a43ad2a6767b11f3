"""What an exercise is, and where a course's exercises are found.

An exercise is data. ``exercises/<id>.py`` holds one constant, ``EXERCISE``, and nothing in it touches
torch: its cases are plain values that the child decodes into tensors.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from grader.errors import CourseError, UnknownExercise
from grader.records import Argument, PlainArgument, TensorArgument

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


@dataclass(frozen=True)
class RubricItem:
    """One line of the rubric. Pitfalls name the item they cost by its ``id``."""

    id: str
    title: str
    points: float


@dataclass(frozen=True)
class EntryPoint:
    """A function that a submission must define, called by position."""

    name: str
    parameters: tuple[str, ...]


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


@dataclass(frozen=True)
class Case:
    """One call of an entry function: what is given, and what the parent alone knows about it."""

    seed: int
    entry: str
    arguments: tuple[Argument, ...]
    data: Dataset
    expected: tuple[float, ...]
    """The least-squares solution of the very data given."""
    lr: float
    steps: int
    tolerance: float


@dataclass(frozen=True)
class KnownMistake:
    """A wrong program of the exercise's own, and the pitfall that it must be caught as."""

    name: str
    pitfall: str
    source: str
    line: int | None = None


@dataclass(frozen=True)
class Schedule:
    """The length of a run. ``seed`` is an offset to the exercise's first seed. A schedule that is given
    twice is run twice: what differs, no seed governs."""

    seed: int
    lr: float
    steps: int


@dataclass(frozen=True)
class Exercise:
    """A curve to fit by hand-written gradient descent."""

    id: str
    title: str
    section: str
    """The lesson's section that it practises."""
    task: str
    entry: EntryPoint
    names: tuple[str, ...]
    """The fitted parameters, in the order they are returned in; a script's global names."""
    model: Polynomial
    points: int
    interval: tuple[float, float]
    noise: float
    schedules: tuple[Schedule, ...]
    rubric: tuple[RubricItem, ...]
    script_truth: tuple[float, ...]
    """The coefficients of the lesson's own data, which a script makes for itself."""
    tolerance: float = 0.02
    """How far a parameter may be from the least-squares solution. The model solutions end within
    1e-4 of it, and the noise moves the solution itself by less than the tolerance."""
    coefficient_range: tuple[float, float] = (0.6, 2.9)
    """The sizes that hidden coefficients are drawn from; their signs are drawn too."""
    first_seed: int = 101
    known_mistakes: tuple[KnownMistake, ...] = field(default=())

    @property
    def max_score(self) -> float:
        return sum(item.points for item in self.rubric)

    def cases(self, seeds: Sequence[int] | None = None) -> tuple[Case, ...]:
        """The calls that grade a function, in order. ``seeds`` replaces the exercise's own."""
        offsets = sorted({schedule.seed for schedule in self.schedules})
        chosen = tuple(seeds) if seeds else tuple(self.first_seed + offset for offset in offsets)
        return tuple(
            self._case(chosen[offsets.index(schedule.seed) % len(chosen)], schedule)
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

    def _case(self, seed: int, schedule: Schedule) -> Case:
        import numpy as np

        data = self.dataset(seed)
        shape = (self.points,)
        solution = self.model.least_squares(np.array(data.x), np.array(data.y))
        return Case(
            seed=seed,
            entry=self.entry.name,
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
            tolerance=self.tolerance,
        )


@dataclass(frozen=True)
class Course:
    """A folder with ``exercises/``, ``reference/`` and ``student_template/``."""

    root: Path

    def exercise_ids(self) -> tuple[str, ...]:
        """The ids of the exercises, sorted."""
        folder = self.root / "exercises"
        return tuple(sorted(p.stem for p in folder.glob("*.py") if not p.name.startswith("_")))

    def exercise(self, exercise_id: str) -> Exercise:
        """Load one exercise.

        Raises:
            UnknownExercise: the course has none of that id.
            CourseError: its file cannot be run, or defines no ``EXERCISE``.
        """
        if exercise_id not in self.exercise_ids():
            raise UnknownExercise(exercise_id, self.exercise_ids())
        module = load_file(self.root / "exercises" / f"{exercise_id}.py", f"_exercise_{exercise_id}")
        exercise = getattr(module, "EXERCISE", None)
        if not isinstance(exercise, Exercise):
            raise CourseError(f"{module.__file__} defines no EXERCISE: add one, or remove the file.")
        if exercise.id != exercise_id:
            raise CourseError(
                f"{module.__file__} says id='{exercise.id}': an exercise's id is its file's name."
            )
        return exercise

    def reference(self, exercise_id: str) -> Path:
        return self.root / "reference" / f"{exercise_id}.py"

    def template(self, exercise_id: str) -> Path:
        return self.root / "student_template" / f"{exercise_id}.py"


def find_course(path: Path | None = None) -> Course:
    """The course at ``path``, else the one that came with the grader.

    Raises:
        CourseError: the folder has no ``exercises/``.
    """
    package = Path(__file__).resolve().parent
    candidates = [path] if path else [package / "course", package.parent]
    for root in candidates:
        if (root / "exercises").is_dir():
            return Course(root.resolve())
    raise CourseError(
        f"No exercises in '{candidates[0]}': expected a folder with exercises/, reference/ and"
        " student_template/ in it."
    )


def load_file(path: Path, name: str) -> ModuleType:
    """Import one trusted file of the course under ``name``.

    Raises:
        CourseError: the file raises, whatever it raises.
    """
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise CourseError(f"{path} is no Python file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise CourseError(f"{path} cannot be used: {type(error).__name__}: {error}") from error
    return module
