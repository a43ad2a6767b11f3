"""What an exercise is, and where a course's exercises are found.

An exercise is data. ``exercises/<id>.py`` holds one constant, ``EXERCISE``, and nothing in it touches
torch: its cases are plain values that the child decodes into tensors. There are two kinds: curves to fit
(``curve.py``), and functions that are called and must answer rightly (``calls.py``).
"""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType

from grader.errors import CourseError, UnknownExercise, UsageError
from grader.policy import FILE, Policy, read_policy
from grader.records import Argument


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
    returns: tuple[str, ...] = ()
    """What the exercise calls the things that come back, in order."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One run: the call that is made, and in its subclasses what the parent alone knows of the answer."""

    seed: int
    entry: str
    arguments: tuple[Argument, ...]
    further: tuple[tuple[Argument, ...], ...] = ()
    """The arguments of more calls in the same process, one after another."""
    available: tuple[str, ...] | None = None
    """The accelerators that torch is to say are there; None for those that are."""
    in_full: bool = False
    """Whether every argument is told before and after, and all the values that come back."""
    watch_from: int | None = None
    """The step from which a training loop is watched closely again."""
    is_long: bool = False
    """Too long for the simulated device, where every operator takes five times as long."""
    at_home_only: bool = False
    """Whether another device would add nothing to it."""


@dataclass(frozen=True)
class KnownMistake:
    """A mistake of the exercise's own, and the pitfall that it must be caught as."""

    name: str
    pitfall: str
    source: str
    """The functions that are wrong; the reference's others are put beside them. The line where it bites ends
    in ``# <- <pitfall>``; where none does, any will do."""


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """What all exercises say of themselves."""

    id: str
    title: str
    section: str
    """The lesson's section that it practises."""
    task: str
    """What is to be done, in a sentence or two."""
    rubric: tuple[RubricItem, ...]
    place: int = 0
    """Where it stands in the course, from 1."""
    hints: tuple[str, ...] = ()
    """One at a time, each nearer to the solution than the one before; none gives it away."""
    known_mistakes: tuple[KnownMistake, ...] = ()
    first_seed: int = 101
    digest: str = ""
    """Of the file that defines it, set by the course: another file is another exercise."""
    policy: Policy = field(default_factory=Policy)
    """What the course has decided of it, set by the course from its ``policy.toml``."""

    @property
    def entries(self) -> tuple[EntryPoint, ...]:
        """The functions that a submission must define."""
        raise NotImplementedError

    def cases(self, seeds: Sequence[int] | None = None) -> Sequence[Case]:
        """The runs that grade a function, in order. ``seeds`` replaces the exercise's own."""
        raise NotImplementedError

    @property
    def script_names(self) -> tuple[str, ...]:
        """The global names that a script leaves its answers in; none where only functions are accepted."""
        return ()

    @property
    def max_score(self) -> float:
        return sum(item.points for item in self.rubric)


@dataclass(frozen=True)
class Course:
    """A folder with ``exercises/``, ``reference/`` and ``student_template/``."""

    root: Path

    @property
    def came_along(self) -> bool:
        """Whether it is the one that is found when none is named."""
        return self.root in [place.resolve() for place in _own_places()]

    def exercise_ids(self) -> tuple[str, ...]:
        """The ids of the exercises, sorted."""
        folder = self.root / "exercises"
        return tuple(sorted(p.stem for p in folder.glob("*.py") if not p.name.startswith("_")))

    def exercises(self) -> tuple[Exercise, ...]:
        """All of them, in the lesson's order.

        Raises:
            CourseError: the file of one cannot be used.
        """
        loaded = map(self.exercise, self.exercise_ids())
        return tuple(sorted(loaded, key=lambda exercise: (exercise.place, exercise.id)))

    def exercise(self, exercise_id: str) -> Exercise:
        """Load one exercise.

        Raises:
            UnknownExercise: the course has none of that id.
            CourseError: its file cannot be run, or defines no ``EXERCISE``; or the course's ``policy.toml``
                cannot be used.
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
        digest = hashlib.sha256(Path(str(module.__file__)).read_bytes()).hexdigest()
        policy = read_policy(self.root / FILE, exercise_id, self.exercise_ids())
        return replace(exercise, digest=digest, policy=policy)

    def exercise_of(self, file: Path, named: str | None = None, option: str = "--exercise") -> Exercise:
        """The exercise named, else the one that the file's stem names. ``option`` is what names one.

        Raises:
            UnknownExercise: the course has none of that name.
            UsageError: the stem names none.
        """
        known = self.exercise_ids()
        if named is None and file.stem not in known and file.is_file():
            raise UsageError(
                f"No exercise is called '{file.stem}', so the file's name does not say which one this"
                f" is. Add {option} with one of: {', '.join(known)}."
            )
        # A file that is missing or a folder is refused when it is read, with any exercise.
        fallback = file.stem if file.stem in known else next(iter(known), file.stem)
        return self.exercise(named or fallback)

    def reference(self, exercise_id: str) -> Path:
        return self.root / "reference" / f"{exercise_id}.py"

    def template(self, exercise_id: str) -> Path:
        return self.root / "student_template" / f"{exercise_id}.py"


def find_course(path: Path | None = None) -> Course:
    """The course at ``path``, else the one that came with the grader.

    Raises:
        CourseError: the folder has no ``exercises/``.
    """
    candidates = [path] if path else _own_places()
    for root in candidates:
        if (root / "exercises").is_dir():
            return Course(root.resolve())
    raise CourseError(
        f"No exercises in '{candidates[0]}': expected a folder with exercises/, reference/ and"
        " student_template/ in it."
    )


def _own_places() -> list[Path]:
    """Where the course is that came with the grader: in the package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent
    return [package / "course", package.parent]


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
