"""Two versions of a submission's text as a unified diff."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher, unified_diff
from pathlib import PurePosixPath

from grader.records import Submission

UNSAFE = re.compile(r"[^\w.\- ]")
"""What a patch's header, or a terminal, might read as something else than a file's name."""
NO_NEWLINE = "\\ No newline at end of file\n"

Span = tuple[int, int, int, int]
"""Lines of the one, from and to, that became lines of the other, from and to."""


def diff_of(submission: Submission, edited: str) -> str:
    """What ``patch -p0`` makes of the file that was handed in the edited one.

    A notebook is no text that could be patched: each of its cells that changes has a diff of its own, headed
    by its number, whose lines are counted from the cell's first.
    """
    old, new = lines_of(submission.source), lines_of(edited)
    if not submission.is_notebook:
        name = UNSAFE.sub("_", PurePosixPath(submission.path).name) or "submission.py"
        return _unified(old, new, f"{name}\t" if " " in name else name)
    return "".join(
        _unified(before, after, f"cell {cell}") for cell, before, after in _cells(submission, old, new)
    )


def lines_changed(before: str, after: str) -> int:
    """How many lines are taken away, or put there, whichever is more: a line that moves is one."""
    spans = _spans(lines_of(before), lines_of(after))
    return max(sum(b - a for a, b, _, _ in spans), sum(d - c for _, _, c, d in spans))


def lines_of(text: str) -> list[str]:
    """The lines as a patch counts them, each with its newline."""
    lines = [f"{line}\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def _unified(old: Sequence[str], new: Sequence[str], header: str) -> str:
    found = unified_diff(old, new, header, header)
    return "".join(line if line.endswith("\n") else f"{line}\n{NO_NEWLINE}" for line in found)


def _spans(old: Sequence[str], new: Sequence[str]) -> list[Span]:
    found = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [(a, b, c, d) for tag, a, b, c, d in found if tag != "equal"]


def _is_in(span: Span, first: int, last: int) -> bool:
    """What is put between two cells ends the upper one; above all cells it begins the first."""
    start, end, _, _ = span
    if start == end:
        return first < start <= last or (start <= first == 0)
    return first <= start < last


def _cells(
    submission: Submission, old: Sequence[str], new: Sequence[str]
) -> Iterator[tuple[int, list[str], list[str]]]:
    """The number of each cell that changes, and its lines before and after."""
    spans = _spans(old, new)
    for cell in submission.cells:
        first, last = cell.first - 1, cell.first - 1 + cell.lines
        own = [span for span in spans if _is_in(span, first, last)]
        if own:
            after = list(old[first:last])
            for a, b, c, d in reversed(own):
                after[a - first : b - first] = new[c:d]
            yield cell.cell, list(old[first:last]), after
