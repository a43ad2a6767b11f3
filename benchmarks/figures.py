"""What is measured, what it must reach, and the table of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a figure stands to its two marks."""

    AIM = "aim reached"
    MUST = "must reached"
    MISSED = "missed"


@dataclass(frozen=True)
class Mark:
    """What a figure must reach, and what is aimed at. Less is better, unless ``more`` is."""

    title: str
    must: float
    aim: float
    how: str
    more: bool = False

    def verdict(self, measured: float) -> Verdict:
        """NaN reaches nothing."""
        if self._reaches(measured, self.aim):
            return Verdict.AIM
        return Verdict.MUST if self._reaches(measured, self.must) else Verdict.MISSED

    def _reaches(self, measured: float, mark: float) -> bool:
        return measured >= mark if self.more else measured <= mark


CHECK = Mark(
    "one `check`, over `import torch` and the bare fits",
    1.5,
    1.2,
    "The command `grader check` on the model solution, over a Python process that imports torch and makes the"
    " very same calls on the CPU. Median of the ratios of pairs, in turn.",
)
RECORDING = Mark(
    "recording, over a bare loop of 2000 steps",
    1.3,
    1.1,
    "In forks of one warm process, in turn: the child's whole work on a run of 2000 steps (reading the file,"
    " seeding, the recorded loop, summing up), over the same call of `fit` alone. Median of the ratios.",
)
BATCH = Mark(
    "batch of a class on 2 cores, over bare / 2",
    1.4,
    1.15,
    "The command `grader batch --jobs 2` on a class of model solutions, each file another, from its start to"
    " its end, over half the time that one warm process takes for the same fits: same data, seeds, steps and"
    " devices, those on the simulated device among them.",
)
PYTEST = Mark(
    "submissions a second, over one pytest process a submission",
    5.0,
    10.0,
    "The same class, two processes at once: each imports torch, makes the same calls of `fit` on the CPU and"
    " asserts the coefficients. Nothing is held in, watched, or run on another device there.",
    more=True,
)
LARGE = Mark(
    "a large class over a small one, per submission",
    1.05,
    1.0,
    "Seconds a submission of the same command on the two classes.",
)
MEMORY = Mark(
    "memory of the parent, large class against small",
    1.2,
    1.0,
    "The most resident memory of the command's own process (VmHWM), its warm processes left out.",
)
AGAIN = Mark(
    "a batch run again with nothing changed, over the first",
    0.05,
    0.02,
    "The same command on the same folders a second time, from its start to its end.",
)
MARKS = (CHECK, RECORDING, BATCH, PYTEST, LARGE, MEMORY, AGAIN)


@dataclass(frozen=True)
class Figure:
    """One measured ratio; ``detail`` says of what it is made."""

    mark: Mark
    exercise: str
    measured: float
    detail: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        """As a row of the table."""
        mark = self.mark
        sign = "≥" if mark.more else "≤"
        marks = (f"{sign} {mark.must:g}", f"{sign} {mark.aim:g}")
        verdict = str(mark.verdict(self.measured))
        return (mark.title, self.exercise, f"{self.measured:.3g}", *marks, verdict, self.detail)


HEADINGS = ("figure", "exercise", "measured", "must reach", "aim", "", "made of")


def as_text(figures: Sequence[Figure]) -> str:
    """The table for a terminal."""
    rows = [HEADINGS, *(figure.cells for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def as_markdown(figures: Sequence[Figure], machine: str) -> str:
    """The table, on what it was measured, and how."""
    return "\n".join([*_rows(figures), "", machine, "", *_hows(figures)])


def _rows(figures: Sequence[Figure]) -> Iterator[str]:
    for row in (HEADINGS, ("---",) * len(HEADINGS), *(figure.cells for figure in figures)):
        yield f"| {' | '.join(row)} |"


def _hows(figures: Sequence[Figure]) -> Iterator[str]:
    for mark in MARKS:
        if any(figure.mark is mark for figure in figures):
            yield f"- **{mark.title}.** {mark.how}"


BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


def put_between(page: str, figures: str) -> str:
    """``page`` with what stands between its two marks replaced.

    Raises:
        ValueError: the page lacks a mark.
    """
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"expected '{BEGIN}' and, after it, '{END}': add them where the table is to stand")
    return f"{head}{BEGIN}\n{figures}\n{END}{tail}"
