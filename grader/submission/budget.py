"""How much of a class's archives is read at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from grader.errors import SubmissionError

MOST_READ_BYTES = 512 * 1024 * 1024
"""Of all that is read of a class's archive, the archives inside it included."""
MOST_UNPACKED_BYTES = 4 * 1024 * 1024 * 1024
"""Of a compressed tar, which is unpacked to its end to see what is in it."""
MOST_NESTED_READ_BYTES = 32 * 1024 * 1024
MOST_NESTED_UNPACKED_BYTES = 256 * 1024 * 1024
"""The same of an archive that a student handed in."""
MOST_RATIO = 200
"""Packed text shrinks to a fifth, seldom to a twentieth: what shrinks further was made to be unpacked."""


@dataclass
class Budget:
    """How much may still be read, and unpacked on the way to it."""

    left: int = field(default_factory=lambda: MOST_READ_BYTES)
    unpacked: int = field(default_factory=lambda: MOST_UNPACKED_BYTES)

    def spend(self, data: bytes) -> bytes:
        if len(data) > self.left:
            raise SubmissionError("was not read: the archive holds more than a class's submissions.")
        self.left -= len(data)
        return data

    @contextmanager
    def nested(self) -> Iterator[Budget]:
        """A part of it for one student's archive, which can take no more from all the others."""
        part = min(self.left, MOST_NESTED_READ_BYTES)
        own = Budget(part, MOST_NESTED_UNPACKED_BYTES)
        try:
            yield own
        finally:
            self.left -= part - own.left
