"""The page of a class: who passed, what they fell into, and a link to each report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.report.class_counts import (
    Bin,
    ExerciseCount,
    PitfallCount,
    exercise_counts,
    histogram,
    middle,
    pitfall_counts,
)
from grader.report.last_run import KINDS, Change, Changes
from grader.report.page import render, script
from grader.report.roster import Row, by_name, exercises, letters, statuses
from grader.report.wording import STATUS, number
from grader.words import plural

_ORDER = ("ungraded", "failed", "passed")
_MOST_UNGRADED = 10


@dataclass(frozen=True)
class StudentView:
    row: Row
    symbol: str
    word: str
    score: str
    machine: str
    """What a person did to the grader's score; empty where nobody did."""
    change: str
    """Since the last run; empty where there is none."""
    sort: tuple[float, ...]
    """By what each column is sorted."""


@dataclass(frozen=True)
class Column:
    """A column of the table. ``up`` and ``down`` say what its two orders are."""

    title: str
    up: str
    down: str
    kind: str = ""


@dataclass(frozen=True)
class FilterView:
    """One choice of which students to show."""

    status: str
    word: str
    count: int


@dataclass(frozen=True)
class ChangeView:
    """Everybody whose result changed in one way."""

    word: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Arrival:
    """How the class arrived: its layout, and what was left out of it."""

    layout: str = ""
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClassView:
    exercise: str
    exercises: tuple[str, ...]
    arrival: Arrival
    summary: str
    columns: tuple[Column, ...]
    students: tuple[StudentView, ...]
    filters: tuple[FilterView, ...]
    ungraded: tuple[Row, ...]
    ungraded_more: tuple[Row, ...]
    """Those after the first few."""
    by_hand: int
    """How many results a person decided about."""
    since: str
    """When the last run was; empty where there was none."""
    changes: tuple[ChangeView, ...]
    pitfalls: tuple[PitfallCount, ...]
    counts: tuple[ExerciseCount, ...]
    histogram: tuple[Bin, ...]
    middle: str
    isolation: str

    @property
    def several(self) -> bool:
        """Whether the students have a row for each of several exercises."""
        return len(self.exercises) > 1


def class_page(
    exercise: str, rows: Sequence[Row], arrival: Arrival | None = None, changes: Changes | None = None
) -> str:
    """The class's page. It can be read without a script, which only sorts and finds."""
    view = class_view(exercise, rows, arrival, changes)
    return render("class.html.j2", page=view, script=script("class.js"))


def class_view(
    exercise: str, rows: Sequence[Row], arrival: Arrival | None = None, changes: Changes | None = None
) -> ClassView:
    """Everything that the class's page shows: the ungraded first, then all by name."""
    named = by_name(rows)
    ungraded = [row for row in named if row.status == "ungraded"]
    counts = statuses(rows)
    names = exercises(rows)
    return ClassView(
        exercise=exercise,
        exercises=names,
        arrival=arrival or Arrival(),
        summary=summary(rows),
        columns=_columns(len(names) > 1, changes is not None),
        students=_students(named, changes),
        filters=tuple(
            FilterView(status, STATUS[status][1], counts[status]) for status in _ORDER if counts[status]
        ),
        ungraded=tuple(ungraded[:_MOST_UNGRADED]),
        ungraded_more=tuple(ungraded[_MOST_UNGRADED:]),
        by_hand=sum(row.adjusted is not None for row in rows),
        since=since(changes) if changes else "",
        changes=tuple(
            ChangeView(word, found) for kind, word in KINDS.items() if changes and (found := changes.of(kind))
        ),
        pitfalls=pitfall_counts(rows),
        counts=exercise_counts(rows),
        histogram=histogram(rows),
        middle=middle(rows),
        isolation="; ".join(sorted({row.isolation for row in rows if row.status != "ungraded"}) or ["none"]),
    )


def summary(rows: Sequence[Row]) -> str:
    """``30 submissions: 18 passed, 11 not passed, 1 not graded``."""
    counts = statuses(rows)
    parts = [f"{counts[s]} {STATUS[s][1]}" for s in reversed(_ORDER) if counts[s]]
    return f"{plural(len(rows), 'submission')}: {', '.join(parts)}"


def since(changes: Changes) -> str:
    """``24 November 2026, 14:05 UTC``: when the last run was."""
    return f"{changes.finished.day} {changes.finished:%B %Y, %H:%M} UTC"


def _columns(several: bool, changed: bool) -> tuple[Column, ...]:
    columns = [Column("Name", "A to Z", "Z to A")]
    if several:
        columns.append(Column("Exercise", "A to Z", "Z to A"))
    columns.append(Column("Outcome", "not graded first", "passed first"))
    columns.append(Column("Score", "lowest first", "highest first", "num"))
    if changed:
        columns.append(Column("Change", "fallen most first", "risen most first"))
    columns.append(Column("First to mend", "A to Z", "Z to A", "first"))
    return tuple(columns)


def _students(named: Sequence[Row], changes: Changes | None) -> tuple[StudentView, ...]:
    """A view of each row, with its place in the order of every column."""
    exercise = {name: i for i, name in enumerate(exercises(named))}
    causes = {cause: i for i, cause in enumerate(sorted({row.cause for row in named}, key=letters))}
    changed = {id(change.row): change for change in changes.changes} if changes else {}
    views = []
    for i, row in enumerate(named):
        share = row.counted / row.max_score if row.counted is not None and row.max_score else -1.0
        change = changed.get(id(row))
        sort: list[float] = [i]
        sort += [exercise[row.exercise]] if len(exercise) > 1 else []
        sort += [_ORDER.index(row.status), round(share, 6)]
        sort += [_rise(change)] if changes else []
        views.append(_student(row, change, (*sort, causes[row.cause])))
    return tuple(sorted(views, key=lambda view: view.row.status != "ungraded"))


def _rise(change: Change | None) -> float:
    """By how much a score rose; what was not there before counts from none."""
    if change is None or change.row is None:
        return 0.0
    return round((change.row.counted or 0.0) - (change.before or 0.0), 6)


def _student(row: Row, change: Change | None, sort: tuple[float, ...]) -> StudentView:
    symbol, word = STATUS[row.status]
    score = f"{number(row.counted)} / {number(row.max_score)}" if row.counted is not None else "–"
    return StudentView(
        row=row,
        symbol=symbol,
        word=f"{word}, excused" if row.excused else word,
        score=score,
        machine=_by_hand(row),
        change=_changed(change),
        sort=sort,
    )


def _by_hand(row: Row) -> str:
    if row.adjusted is None or not row.adjusted.told:
        return ""
    machine = number(row.score) if row.status != "ungraded" else "none"
    return f"{row.adjusted.told}, grader: {machine}"


def _changed(change: Change | None) -> str:
    if change is None:
        return ""
    before = f", was {number(change.before)}" if change.before is not None else ""
    return f"{KINDS[change.kind]}{before}"
