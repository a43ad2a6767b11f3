"""GitHub Actions: the summary of a step, in Markdown."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

from grader.export.format import Format, Order
from grader.export.formats.markdown import section

VARIABLE = "GITHUB_STEP_SUMMARY"
MOST_BYTES = 1024 * 1024
"""Of a step's summary: GitHub drops a larger one, all of it."""
_RESERVE = 200
"""Room to say that something was left out."""


def write(order: Order, file: BinaryIO) -> None:
    """Whole results as long as there is room, then how many did not fit."""
    left = MOST_BYTES - _RESERVE - _there(place(order))
    dropped = 0
    for graded in order.results:
        data = section(graded).encode("utf-8", "backslashreplace")
        if dropped or len(data) > left:
            dropped += 1
        else:
            left -= len(data)
            file.write(data)
    if dropped:
        sentence = f"{dropped} more results did not fit into the summary of a step (1 MiB)."
        file.write(f"{sentence}\n".encode())
        order.tell(sentence)


def place(order: Order) -> Path | None:
    """The file that GitHub names; None outside of its runners."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else None


def _there(path: Path | None) -> int:
    try:
        return path.stat().st_size if path else 0
    except OSError:
        return 0


FORMAT = Format(
    "the summary of a step of GitHub Actions, added to $GITHUB_STEP_SUMMARY",
    write,
    place=place,
    appends=True,
)
