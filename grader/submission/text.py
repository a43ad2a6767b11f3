"""What every kind of file is read into: one Python source, or the problem with it."""

from __future__ import annotations

from dataclasses import dataclass

from grader.records import CellSpan

MOST_BYTES = 1024 * 1024
"""The largest source that is looked at. A lesson's file has a few thousand bytes."""


@dataclass(frozen=True)
class Text:
    """The Python that is run. With a ``problem`` none is; ``problem_line`` is where in the source that is."""

    source: str = ""
    problem: str | None = None
    problem_line: int | None = None
    cells: tuple[CellSpan, ...] = ()
    """Where each code cell of a notebook stands in the source; none for a Python file."""
    notes: tuple[str, ...] = ()


def trouble(problem: str) -> Text:
    """Nothing that could be run, and why."""
    return Text(problem=problem)
