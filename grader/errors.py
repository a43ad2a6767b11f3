"""The errors that end a command, each with one clear line for the person who typed it.

GraderError                 the grader itself failed                       exit status 3
├── SandboxError            no warm process could be started or kept
│   └── WeakIsolation       what is in force is less than was asked for       exit status 2
└── UsageError              the command line, or a file it names, is wrong exit status 2
    ├── UnknownExercise
    ├── UnknownPitfall
    ├── UnknownDevice
    ├── UnknownFormat
    ├── AlreadyThere        a file would have been written over
    ├── NoSource            a function whose text cannot be had
    ├── CourseError         an exercises repository that cannot be used
    └── SubmissionError     a file that cannot be read as a submission
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class GraderError(Exception):
    """The grader's own fault."""

    exit_status = 3

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in the place of a traceback, which would say nothing more."""
        from grader.clean import visible

        return [f"grader: {visible(str(self))}"]


class SandboxError(GraderError):
    """The warm process could not be started, or died more often than it was restarted."""


class WeakIsolation(SandboxError):
    """The protection in force is less than a class needs; says which it is."""

    exit_status = 2


class UsageError(GraderError):
    """Something that the person who typed the command can put right."""

    exit_status = 2


class AlreadyThere(UsageError):
    """A file would have been written over."""


class NoSource(UsageError):
    """What is to be graded was defined where its text cannot be read."""


class CourseError(UsageError):
    """The exercises repository is incomplete or one of its files cannot be used."""


class SubmissionError(UsageError):
    """The submission's file is missing, unreadable or no regular file."""


class _UnknownName(UsageError):
    kind = "name"
    listing = ""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        self.name = name
        self.known = tuple(known)
        near = difflib.get_close_matches(name, self.known, n=3, cutoff=0.5)
        hint = f"Did you mean {' or '.join(near)}?" if near else f"Known: {', '.join(self.known)}."
        super().__init__(f"There is no {self.kind} '{name}'. {hint}")


class UnknownExercise(_UnknownName):
    """No exercise of that name is in the course."""

    kind = "exercise"


class UnknownPitfall(_UnknownName):
    """No pitfall of that id is in the catalogue."""

    kind = "pitfall"


class UnknownDevice(_UnknownName):
    """No device of that name is on this machine."""

    kind = "device"


class UnknownFormat(_UnknownName):
    """Nothing is exported in a format of that name."""

    kind = "format"
