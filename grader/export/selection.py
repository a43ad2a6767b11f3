"""Which results leave, and with which score: the filters and the adjustments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.adjustments import Adjustments, adjusted, read
from grader.clean import one_line
from grader.errors import UsageError
from grader.export.graded import Graded, listed
from grader.records import Result

ADJUSTMENTS = "adjustments.toml"
"""What the decisions are called in a class's folder."""
NONE = Adjustments()


@dataclass(frozen=True)
class Selection:
    """What was asked for of the results."""

    exercise: str | None = None
    student: str | None = None
    adjustments: Adjustments = NONE
    tell: Callable[[str], None] = lambda sentence: None
    """Is given what whoever asked should know, when all results are read."""

    def graded(self, results: Iterable[Result]) -> Iterator[Graded]:
        """The results asked for, each with the score that counts.

        Raises:
            UsageError: there are none; or an adjustment that cannot be applied.
        """
        exercises: dict[str, float] = {}
        students: list[tuple[str, str]] = []
        found = False
        for result in results:
            info = result.submission
            exercises[result.exercise] = max(result.max_score, exercises.get(result.exercise, 0.0))
            students.append((info.student_id, info.name))
            if self._takes(result):
                found = True
                yield Graded(result, adjusted(result, self.adjustments))
        if not found:
            raise UsageError(self._nothing(list(exercises)))
        unused = self.adjustments.check(dict.fromkeys(students), exercises)
        if unused:
            whose = listed([entry.student for entry in unused])
            self.tell(f"Adjustments of nobody in the class ({len(unused)}): {whose}.")

    def _takes(self, result: Result) -> bool:
        of_exercise = self.exercise in (None, result.exercise)
        info = result.submission
        return of_exercise and (self.student is None or self.student in (info.student_id, info.name))

    def _nothing(self, exercises: list[str]) -> str:
        if self.exercise is not None and self.exercise not in exercises:
            return f"No result is of the exercise '{self.exercise}'. There are: {listed(exercises)}."
        return (
            f"No result is of the student '{one_line(self.student or '')}'. Give the id or the name as"
            " grader export csv shows it."
        )


def adjustments_for(source: str, named: Path | None) -> Adjustments:
    """Those in the file named, else in the class's folder, else none.

    Raises:
        UsageError: they cannot be read.
    """
    if named is not None:
        return read(named)
    beside = Path(source, ADJUSTMENTS)
    return read(beside) if beside.is_file() else NONE
