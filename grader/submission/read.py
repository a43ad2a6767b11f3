"""Reads the files that are handed in. Nothing of them is run here."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Sequence
from pathlib import Path

from grader.errors import SubmissionError
from grader.exercise import Exercise
from grader.records import Form, Submission
from grader.source import Source
from grader.submission.notebook import MOST_NOTEBOOK_BYTES, looks_like_a_notebook, read_notebook
from grader.submission.text import MOST_BYTES, Text, trouble


def read_submission(path: Path, exercise: Exercise, name: str | None = None) -> Submission:
    """Read one Python file or notebook.

    Bytes that cannot be run as Python are still a submission, with its ``problem`` said.

    Raises:
        SubmissionError: the file is missing, a folder, not a regular file, or may not be read.
    """
    data = read_bytes(path, most_bytes(path.name))
    return submission_of(data, exercise, name=name if name is not None else path.stem, path=str(path))


def submission_of(
    data: bytes, exercise: Exercise, *, name: str, path: str, student_id: str = "", notes: Sequence[str] = ()
) -> Submission:
    """The submission that the bytes of the file at ``path`` are; nothing is read from there."""
    text = _text(data, path)
    return Submission(
        name=name,
        path=path,
        sha256=hashlib.sha256(data).hexdigest(),
        form=form_of(text.source, exercise),
        source=text.source,
        problem=text.problem,
        problem_line=text.problem_line,
        cells=text.cells,
        notes=(*notes, *text.notes),
        student_id=student_id,
    )


def is_notebook_name(name: str) -> bool:
    return name.lower().endswith(".ipynb")


def most_bytes(name: str) -> int:
    """How much of a file is looked at: one byte past it says that the file is too large."""
    return MOST_NOTEBOOK_BYTES if is_notebook_name(name) else MOST_BYTES


def _text(data: bytes, path: str) -> Text:
    if is_notebook_name(path) or (len(data) <= MOST_BYTES and looks_like_a_notebook(data)):
        return read_notebook(data)
    return _decode(data)


def form_of(source: str, exercise: Exercise) -> Form:
    """Script form: no entry function that takes the arguments, but the fitted names at the top level."""
    text = Source(source)
    for entry in exercise.entries:
        if text.binds(entry.name) and text.takes(entry.name, len(entry.parameters)) is not False:
            return "function"
    names = exercise.script_names
    return "script" if names and all(text.binds(name) for name in names) else "function"


def read_bytes(path: Path, most: int) -> bytes:
    """The file's first ``most`` bytes and one more, where it has that.

    Raises:
        SubmissionError: the file is missing, a folder, not a regular file, or may not be read.
    """
    try:
        # Opened without blocking: a FIFO that nobody writes to would wait for ever.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise SubmissionError(_unreadable(path, error)) from None
    try:
        _check_kind(path, os.fstat(descriptor).st_mode)
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(most + 1)
    except OSError as error:
        raise SubmissionError(_unreadable(path, error)) from None
    finally:
        os.close(descriptor)


def _check_kind(path: Path, mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise SubmissionError(f"'{path}' is a folder: name a .py or .ipynb file in it, or use grader batch.")
    if not stat.S_ISREG(mode):
        raise SubmissionError(f"'{path}' is no regular file: name a .py or .ipynb file.")


def _unreadable(path: Path, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"There is no file '{path}'. Check the name, or run grader from the folder it is in."
    if isinstance(error, PermissionError):
        return f"'{path}' may not be read: change its permissions."
    return f"'{path}' cannot be read: {error.strerror or error}."


def _decode(data: bytes) -> Text:
    if len(data) > MOST_BYTES:
        return trouble(
            f"The file is larger than {MOST_BYTES // 1024} KiB: that is no hand-written exercise.",
        )
    if b"\0" in data:
        return trouble("The file has NUL bytes in it: save it as plain UTF-8 text (it may be UTF-16 now).")
    try:
        return Text(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return trouble(f"Line {line} is not UTF-8 text: save the file as UTF-8.")
