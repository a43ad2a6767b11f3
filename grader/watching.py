"""Notices that a file was saved, and grades it again.

The file is looked at a few times a second: that works for every editor and on every file system, also where
the editor writes another file and renames it, and needs no library. A look costs less than a millisecond.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.errors import GraderError
from grader.exercise import Exercise
from grader.pipeline import grade
from grader.records import Result
from grader.sandbox import Sandbox
from grader.submission import MOST_BYTES, read_submission

POLL_SECONDS = 0.3
SETTLE_SECONDS = 0.05
"""A file that has changed is looked at again after so long, until it stays as it is: half of it may be
written."""
GONE_SECONDS = 2.0
"""An editor that writes aside and renames leaves no file for a moment. One that is missing for longer is
gone, which is said."""

Sleep = Callable[[float], None]


@dataclass(frozen=True)
class Version:
    """The file as it was at one look."""

    modified: int
    size: int
    digest: str


@dataclass(frozen=True)
class Regraded:
    """What came of one save: a result, or why there is none."""

    result: Result | None
    problem: str
    seconds: float


def regrade(
    path: Path, exercise: Exercise, sandbox: Sandbox, sleep: Sleep = time.sleep
) -> Iterator[Regraded]:
    """Grade the file now and after every save, for ever. Nothing that happens to the file ends it."""
    for there in saves(path, sleep):
        if there:
            yield _graded(path, exercise, sandbox)
        else:
            yield Regraded(None, f"There is no file '{path}' any more. It is graded when it comes back.", 0)


def _graded(path: Path, exercise: Exercise, sandbox: Sandbox) -> Regraded:
    started = time.monotonic()
    try:
        result = grade(read_submission(path, exercise), exercise, sandbox)
    except GraderError as error:  # taken away since, or the sandbox was lost: the next save may do better
        return Regraded(None, str(error), time.monotonic() - started)
    return Regraded(result, "", time.monotonic() - started)


def saves(path: Path, sleep: Sleep = time.sleep) -> Iterator[bool]:
    """True at once and each time the file has been saved, False when it has gone for good."""
    seen: Version | None = None
    missing = 0.0
    while True:
        now = _settled(path, seen, sleep)
        if now is not None:
            missing = 0.0
            if now != seen:
                seen = now
                yield True
        else:
            before, missing = missing, missing + POLL_SECONDS
            if before < GONE_SECONDS <= missing:
                seen = None
                yield False
        sleep(POLL_SECONDS)


def _settled(path: Path, seen: Version | None, sleep: Sleep) -> Version | None:
    """The file once two looks agree; None where there is none."""
    now = version_of(path)
    while now is not None and now != seen:
        sleep(SETTLE_SECONDS)
        again = version_of(path)
        if again == now:
            return now
        now = again
    return now


def version_of(path: Path) -> Version | None:
    """The file as it is now; None where there is no regular file that can be read."""
    try:
        # Opened without blocking: a FIFO in the file's place would wait for ever.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return None
    try:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode):
            return None
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            digest = hashlib.sha256(file.read(MOST_BYTES + 1)).hexdigest()
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return Version(about.st_mtime_ns, about.st_size, digest)
