"""The page of a class: who passed, what they fell into, and a link to each report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.report.page import render
from grader.report.roster import Row, by_name, commonest, exercises, pitfall_pages, statuses
from grader.report.wording import STATUS, number

_BINS = 10
_ORDER = ("ungraded", "failed", "passed")


@dataclass(frozen=True)
class StudentView:
    row: Row
    symbol: str
    word: str
    score: str


@dataclass(frozen=True)
class PitfallView:
    """A pitfall and everybody who fell into it."""

    id: str
    href: str
    """Its page in the class's folder; empty for a pitfall that is not known here."""
    count: int
    share: float
    students: tuple[Row, ...]


@dataclass(frozen=True)
class BinView:
    """One bar of the histogram."""

    label: str
    count: int
    share: float


@dataclass(frozen=True)
class FilterView:
    """One choice of which students to show."""

    status: str
    word: str
    count: int


@dataclass(frozen=True)
class Arrival:
    """How the class arrived: its layout, and what was left out of it."""

    layout: str = ""
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClassView:
    exercise: str
    several: bool
    """Whether the students have a row for each of several exercises."""
    arrival: Arrival
    summary: str
    students: tuple[StudentView, ...]
    filters: tuple[FilterView, ...]
    pitfalls: tuple[PitfallView, ...]
    histogram: tuple[BinView, ...]
    isolation: str


def class_page(exercise: str, rows: Sequence[Row], arrival: Arrival | None = None) -> str:
    """The class's page. It needs no script: choosing whom to show is a matter of style."""
    return render("class.html.j2", page=class_view(exercise, rows, arrival))


def class_view(exercise: str, rows: Sequence[Row], arrival: Arrival | None = None) -> ClassView:
    """Everything that the class's page shows: the ungraded first, then all by name."""
    named = by_name(rows)
    ordered = sorted(named, key=lambda row: row.status != "ungraded")
    counts = statuses(rows)
    return ClassView(
        exercise=exercise,
        several=len(exercises(rows)) > 1,
        arrival=arrival or Arrival(),
        summary=summary(rows),
        students=tuple(map(_student, ordered)),
        filters=tuple(
            FilterView(status, STATUS[status][1], counts[status]) for status in _ORDER if counts[status]
        ),
        pitfalls=tuple(_pitfalls(named)),
        histogram=histogram(rows),
        isolation="; ".join(sorted({row.isolation for row in rows if row.status != "ungraded"}) or ["none"]),
    )


def summary(rows: Sequence[Row]) -> str:
    """``30 submissions: 18 passed, 11 not passed, 1 not graded``."""
    counts = statuses(rows)
    parts = [f"{counts[s]} {STATUS[s][1]}" for s in reversed(_ORDER) if counts[s]]
    noun = "submission" if len(rows) == 1 else "submissions"
    return f"{len(rows)} {noun}: {', '.join(parts)}"


def histogram(rows: Sequence[Row]) -> tuple[BinView, ...]:
    """How many scored what, in tenths of the full score; the full score has a bar of its own."""
    counts = [0] * (_BINS + 1)
    for row in rows:
        if row.status != "ungraded" and row.max_score > 0:
            counts[min(max(int(_BINS * row.score / row.max_score), 0), _BINS)] += 1
    tallest = max(counts) or 1
    labels = [f"{10 * i}–{10 * i + 9} %" for i in range(_BINS)] + ["100 %"]
    return tuple(
        BinView(label, count, round(100 * count / tallest, 1))
        for label, count in zip(labels, counts, strict=True)
    )


def _student(row: Row) -> StudentView:
    symbol, word = STATUS[row.status]
    score = f"{number(row.score)} / {number(row.max_score)}" if row.status != "ungraded" else "–"
    return StudentView(row=row, symbol=symbol, word=word, score=score)


def _pitfalls(rows: Sequence[Row]) -> list[PitfallView]:
    counted, pages = commonest(rows), pitfall_pages(rows)
    most = counted[0][1] if counted else 1
    return [
        PitfallView(
            id=pitfall,
            href=pages.get(pitfall, ""),
            count=count,
            share=round(100 * count / most, 1),
            students=tuple(row for row in rows if pitfall in row.errors),
        )
        for pitfall, count in counted
    ]
