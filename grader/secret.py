"""A class's secret: with one, nobody can know beforehand on which data a submission will be graded."""

from __future__ import annotations

import hashlib
import hmac
import os
from pathlib import Path

from grader.errors import UsageError

VARIABLE = "GRADER_CLASS_SECRET"
SHORTEST = 16
SEEDS = 16
"""More than an exercise has; it takes what it needs, in order."""


def class_secret(file: Path | None) -> bytes:
    """The secret in ``file``, else in the environment, else none: then the exercise's own seeds are used, so
    that a student's run and the class's agree.

    Raises:
        UsageError: the file cannot be read, or its secret is short enough to be guessed.
    """
    if file is None:
        secret = os.environ.get(VARIABLE, "").strip().encode()
        where = VARIABLE
        if not secret:
            return b""
    else:
        secret, where = _read(file).strip(), f"'{file}'"
    if len(secret) < SHORTEST:
        raise UsageError(
            f"The secret in {where} has {len(secret)} bytes: take at least {SHORTEST} random ones."
        )
    return secret


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"The secret '{file}' cannot be read: {error.strerror or error}.") from None


def hidden_seeds(secret: bytes, exercise: str, sha256: str) -> tuple[int, ...]:
    """The seeds of one submission's data: the same for the same bytes, and telling nothing of others'."""
    if not secret:
        return ()
    found = []
    for index in range(SEEDS):
        message = f"{exercise}\0{sha256}\0{index}".encode()
        found.append(int.from_bytes(hmac.new(secret, message, hashlib.sha256).digest()[:4], "big"))
    return tuple(found)
