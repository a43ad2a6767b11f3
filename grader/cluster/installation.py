"""What is installed here, and how that differs from what is installed elsewhere."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path

from grader.cluster.wire import Installation
from grader.exercise import Exercise
from grader.version import __version__

_PACKAGE = Path(__file__).resolve().parents[1]
_WORDS = {"grader": "grader", "torch": "torch", "python": "Python"}


@cache
def installation() -> Installation:
    """What this process would grade with. torch is not imported: its own files say which it is, and a build
    for other hardware (``+cpu``, ``+cu130``) is the same version."""
    return Installation(
        grader=__version__,
        source=_source_digest(),
        torch=metadata.version("torch").partition("+")[0],
        python=".".join(platform.python_version_tuple()[:2]),
    )


def differences(there: Installation, here: Installation) -> str:
    """How two installations differ, as a part of a sentence; empty where they do not."""
    found = [
        f"{words} is {getattr(there, name)} there and {getattr(here, name)} here"
        for name, words in _WORDS.items()
        if getattr(there, name) != getattr(here, name)
    ]
    if not found and there.source != here.source:
        found = [f"grader is {here.grader} on both sides, but its files differ"]
    return ", ".join(found)


def exercise_digest(exercise: Exercise) -> str:
    """Of all that an exercise says, its own file included."""
    return hashlib.sha256(repr(exercise).encode()).hexdigest()


def _source_digest() -> str:
    digest = hashlib.sha256()
    for path in _own_files():
        digest.update(f"{path.relative_to(_PACKAGE).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _own_files() -> Iterator[Path]:
    """Without the course that a wheel holds: an exercise that is graded has a digest of its own."""
    files = (path for path in _PACKAGE.rglob("*.py") if path.relative_to(_PACKAGE).parts[0] != "course")
    yield from sorted(files)
