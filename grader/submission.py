"""Reads the files that are handed in. Nothing of them is run here."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from grader.errors import SubmissionError
from grader.exercise import Exercise
from grader.records import Form, Submission
from grader.source import Source

MOST_BYTES = 1024 * 1024
"""The largest source that is looked at. A lesson's file has a few thousand bytes."""


def read_submission(path: Path, exercise: Exercise, name: str | None = None) -> Submission:
    """Read one Python file.

    Bytes that are no Python text are still a submission, with its ``problem`` said.

    Raises:
        SubmissionError: the file is missing, a folder, not a regular file, or may not be read.
    """
    data = _read(path)
    source, problem = _decode(data)
    return Submission(
        name=name if name is not None else path.stem,
        path=str(path),
        sha256=hashlib.sha256(data).hexdigest(),
        form=form_of(source, exercise),
        source=source,
        problem=problem,
    )


def form_of(source: str, exercise: Exercise) -> Form:
    """Script form: no entry function that takes the arguments, but the fitted names at the top level."""
    text = Source(source)
    for entry in exercise.entries:
        if text.binds(entry.name) and text.takes(entry.name, len(entry.parameters)) is not False:
            return "function"
    names = exercise.script_names
    return "script" if names and all(text.binds(name) for name in names) else "function"


def _read(path: Path) -> bytes:
    try:
        # Opened without blocking: a FIFO that nobody writes to would wait for ever.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise SubmissionError(_unreadable(path, error)) from None
    try:
        _check_kind(path, os.fstat(descriptor).st_mode)
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise SubmissionError(_unreadable(path, error)) from None
    finally:
        os.close(descriptor)


def _check_kind(path: Path, mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise SubmissionError(f"'{path}' is a folder: name a .py file in it, or use grader batch.")
    if not stat.S_ISREG(mode):
        raise SubmissionError(f"'{path}' is no regular file: name a .py file.")


def _unreadable(path: Path, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"There is no file '{path}'. Check the name, or run grader from the folder it is in."
    if isinstance(error, PermissionError):
        return f"'{path}' may not be read: change its permissions."
    return f"'{path}' cannot be read: {error.strerror or error}."


def _decode(data: bytes) -> tuple[str, str | None]:
    if len(data) > MOST_BYTES:
        return (
            "",
            f"The file is larger than {MOST_BYTES // 1024} KiB: that is no hand-written exercise.",
        )
    if b"\0" in data:
        return (
            "",
            "The file has NUL bytes in it: save it as plain UTF-8 text (it may be UTF-16 now).",
        )
    try:
        return data.decode("utf-8-sig"), None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return "", f"Line {line} is not UTF-8 text: save the file as UTF-8."
