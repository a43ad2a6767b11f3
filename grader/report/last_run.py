"""What changed since a class was graded last: its scores are kept in a small file beside its results."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from grader.records import Record
from grader.report import files
from grader.report.roster import Row, by_name

FILE = "last-run.json"

KINDS = {
    "passed": "newly passed",
    "up": "score up",
    "down": "score down",
    "scored": "now with a score",
    "unscored": "now without a score",
    "new": "new",
    "gone": "gone",
}
"""The ways in which a result may have changed, in words, in the order in which they are told."""


class PastScore(Record):
    """One result of the last run."""

    exercise: str
    student_id: str = ""
    name: str
    status: str
    score: float | None
    """The one that counted."""

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.exercise, self.student_id, self.name)


class LastRun(Record):
    """The scores of a run that went to its end."""

    finished: datetime
    scores: tuple[PastScore, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One result that is another than before. ``row`` is None for one that is gone."""

    kind: str
    name: str
    exercise: str
    before: float | None = None
    row: Row | None = None


@dataclass(frozen=True)
class Changes:
    """All that changed since the run that was ``finished`` then."""

    finished: datetime
    changes: tuple[Change, ...]

    def of(self, kind: str) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.kind == kind)

    def counts(self) -> list[tuple[str, int]]:
        """``("newly passed", 3)``, …: what there was any of."""
        return [(word, count) for kind, word in KINDS.items() if (count := len(self.of(kind)))]


def read_last_run(folder: Path) -> LastRun | None:
    """The last run's scores; None where there are none that can be read."""
    try:
        return LastRun.model_validate_json((folder / FILE).read_bytes())
    except (OSError, ValidationError):
        return None


def write_last_run(folder: Path, rows: Sequence[Row], finished: datetime) -> None:
    """Remember these scores for the next run. Raises UsageError."""
    scores = tuple(
        PastScore(
            exercise=row.exercise,
            student_id=row.student_id,
            name=row.name,
            status=row.status,
            score=row.counted,
        )
        for row in rows
    )
    files.write(folder / FILE, LastRun(finished=finished, scores=scores).model_dump_json())


def changes(last: LastRun, rows: Sequence[Row]) -> Changes:
    """How ``rows`` differ from the last run, by name."""
    before = {score.key: score for score in last.scores}
    found = [
        Change(kind, row.name, row.exercise, past.score if past else None, row)
        for row in by_name(rows)
        if (kind := _kind(past := before.get(row.key), row))
    ]
    return Changes(last.finished, (*found, *_gone(last, rows)))


def _gone(last: LastRun, rows: Sequence[Row]) -> Iterator[Change]:
    now = {row.key for row in rows}
    for score in last.scores:
        if score.key not in now:
            yield Change("gone", score.name, score.exercise, score.score)


def _kind(past: PastScore | None, row: Row) -> str:
    """How one result changed; empty where it did not."""
    if past is None:
        return "new"
    if row.status == "passed" != past.status:
        return "passed"
    if past.score is None or row.counted is None:
        return "" if past.score == row.counted else ("scored" if past.score is None else "unscored")
    return "" if past.score == row.counted else ("up" if row.counted > past.score else "down")
