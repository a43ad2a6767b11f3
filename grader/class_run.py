"""A class, from what came in to the folder that holds its results."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from grader.batch import OpenSandbox, grade_class, reusing
from grader.exercise import Exercise
from grader.pipeline import grade
from grader.records import Result
from grader.report.class_folder import ClassFolder
from grader.report.class_page import Arrival
from grader.report.roster import Row
from grader.resume import Settings, marked, unchanged
from grader.sandbox import Sandbox
from grader.submission.intake import Intake
from grader.suggestion import suggesting

Progress = Callable[[int], AbstractContextManager[Callable[[Row], None]]]
"""For so many results: what is told of each."""


class ClassRun:
    """One grading of a class. What was graded before and is unchanged stays as it is."""

    def __init__(self, out: Path, intake: Intake, exercises: Mapping[str, Exercise]) -> None:
        self._out = out
        self._intake = intake
        self._exercises = exercises
        self.folder = self._folder_with()
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
        now = datetime.now(UTC)
        settings = Settings(first.level, first.versions.torch, first.limits.seconds, secret, now)
        earlier = None if fresh else self.folder.results
        kept, waiting = unchanged(earlier, self._intake.entries, self._exercises, settings)
        self.unchanged = len(kept)
        self.folder = self._folder_with(*kept)
        graded = grade_class(
            waiting,
            self._exercises,
            jobs=jobs,
            open_sandbox=reusing(first, open_sandbox),
            grade_one=marked(suggesting(partial(grade, secret=secret), now), settings),
        )
        with self.folder, progress(self._intake.results - len(kept)) as told, closing(graded) as results:
            for result in results:
                told(self.folder.add(result))

    def _folder_with(self, *kept: Result) -> ClassFolder:
        arrival = Arrival(self._intake.layout, self._intake.notices)
        return ClassFolder(self._out, *self._exercises, arrival=arrival, kept=kept)
