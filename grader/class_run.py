"""A class, from what came in to the folder that holds its results."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from grader.adjustments import Adjustment, Adjustments, read
from grader.batch import OpenSandbox, grade_class, reusing
from grader.exercise import Exercise
from grader.pipeline import grade
from grader.records import Result
from grader.report.class_folder import ADJUSTMENTS, ClassFolder
from grader.report.class_page import Arrival
from grader.report.roster import Row
from grader.resume import Kept, Settings, marked, unchanged
from grader.sandbox import Sandbox
from grader.submission.intake import Entry, Intake
from grader.suggestion import suggesting

Progress = Callable[[int], AbstractContextManager[Callable[[Row], None]]]
"""For so many results: what is told of each."""

GradeClass = Callable[[Sequence[Entry], Mapping[str, Exercise]], Generator[Result, None, None]]
"""Grades entries, wherever that is done: the results of each as soon as they are known."""


class ClassRun:
    """One grading of a class. What was graded before and is unchanged stays as it is."""

    def __init__(
        self,
        out: Path,
        intake: Intake,
        exercises: Mapping[str, Exercise],
        adjustments: Path | None = None,
    ) -> None:
        """``adjustments`` is a file of what people decided; else the one in ``out`` is, if there is one.

        Raises:
            UsageError: it cannot be read, or decides what cannot be applied to this class.
        """
        self._out = out
        self._intake = intake
        self._exercises = exercises
        self._adjustments = _adjustments(out, adjustments)
        self.for_nobody = self._checked()
        """What was decided for somebody who is not in this class."""
        self.folder = self._folder_with()
        self._now = datetime.now(UTC)
        self.unchanged = 0
        """How many results were kept from before."""

    @property
    def done(self) -> int:
        """How many results there are."""
        return len(self.folder.rows)

    def grade(
        self,
        first: Sandbox,
        open_sandbox: OpenSandbox,
        progress: Progress,
        *,
        secret: bytes = b"",
        jobs: int | None = None,
        fresh: bool = False,
    ) -> None:
        """Grade what is not graded yet (``fresh``: all of it), each result written as soon as it is known.

        ``first`` is a sandbox that has been started, ``open_sandbox`` opens others like it.

        Raises:
            UsageError: the folder cannot be written.
        """
        settings = Settings(first.level, first.versions.torch, first.limits.seconds, secret, self._now)
        grade_entries = partial(
            grade_class,
            jobs=jobs,
            open_sandbox=reusing(first, open_sandbox),
            grade_one=marked(suggesting(partial(grade, secret=secret), self._now), settings),
        )
        self.grade_by(grade_entries, settings, progress, fresh=fresh)

    def stands(self, level: int, torch: str, seconds: float, secret: bytes, progress: Progress) -> bool:
        """Whether nothing would have to be run under such settings. If so, everything is written as ``grade``
        would write it, and no sandbox is needed.

        Raises:
            UsageError: the folder cannot be written.
        """
        settings = Settings(level, torch, seconds, secret, self._now)
        kept, waiting = unchanged(self.folder.results, self._intake.entries, self._exercises, settings)
        if any(entry.read is not None for entry in waiting):
            return False
        self._write(kept, waiting, grade_class, progress)
        return True

    def grade_by(
        self, grade_entries: GradeClass, settings: Settings, progress: Progress, *, fresh: bool = False
    ) -> None:
        """The same by whatever grades entries, on this machine or elsewhere, under ``settings``.

        Raises:
            UsageError: the folder cannot be written.
        """
        earlier = None if fresh else self.folder.results
        kept, waiting = unchanged(earlier, self._intake.entries, self._exercises, settings)
        self._write(kept, waiting, grade_entries, progress)

    def _write(
        self, kept: Sequence[Kept], waiting: Sequence[Entry], grade_entries: GradeClass, progress: Progress
    ) -> None:
        self.unchanged = len(kept)
        self.folder = self._folder_with(*kept)
        graded = grade_entries(waiting, self._exercises)
        with self.folder, progress(self._intake.results - len(kept)) as told, closing(graded) as results:
            for result in results:
                told(self.folder.add(result))

    def _folder_with(self, *kept: Kept) -> ClassFolder:
        return ClassFolder(
            self._out,
            *self._exercises,
            arrival=Arrival(self._intake.layout, self._intake.notices),
            kept=[(each.extent, each.row) for each in kept],
            adjustments=self._adjustments,
        )

    def _checked(self) -> tuple[Adjustment, ...]:
        if self._adjustments is None:
            return ()
        students = [(s.id, s.name) for entry in self._intake.entries for s in entry.students]
        highest = {name: exercise.max_score for name, exercise in self._exercises.items()}
        return self._adjustments.check(students, highest)


def _adjustments(out: Path, named: Path | None) -> Adjustments | None:
    """None where no file was named and none is in the class's folder."""
    if named is not None:
        return read(named)
    beside = out / ADJUSTMENTS
    return read(beside) if beside.exists() or beside.is_symlink() else None
