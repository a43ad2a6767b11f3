"""One row a submission: as much of a result as the class's page and its gradebook need."""

from __future__ import annotations

import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.adjustments import AdjustedScore
from grader.clean import one_line
from grader.pitfall import catalogue
from grader.records import Finding, Result
from grader.report.result_lines import FindingSummary, ResultSummary

_LONGEST_CAUSE = 240


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the rubric, as it went for one submission."""

    id: str
    title: str
    status: str


@dataclass(frozen=True, slots=True)
class Row:
    """One submission of the class. ``report`` is its page, relative to the class's folder."""

    name: str
    exercise: str
    status: str
    score: float
    """The grader's own; ``counted`` is the one that counts."""
    max_score: float
    pitfalls: tuple[str, ...]
    """The ids of what was found, errors first, each once."""
    errors: tuple[str, ...]
    cause: str
    """One line: the first error's title, or why nothing was graded."""
    isolation: str
    report: str
    student_id: str = ""
    """Empty where the class's layout gives none."""
    items: tuple[Item, ...] = ()
    costs: tuple[tuple[str, str], ...] = ()
    """``(rubric item, pitfall)``: which item each error cost, each once."""
    adjusted: AdjustedScore | None = None
    """What a person decided; None where nobody did."""

    @property
    def student(self) -> tuple[str, str]:
        """Whose row it is: names alone may be two people's."""
        return (self.student_id, "" if self.student_id else self.name)

    @property
    def key(self) -> tuple[str, str, str]:
        """What a later run finds the same work by."""
        return (self.exercise, self.student_id, self.name)

    @property
    def counted(self) -> float | None:
        """The score that counts; None where there is none: not graded, or excused."""
        if self.adjusted is not None:
            return self.adjusted.score
        return self.score if self.status != "ungraded" else None

    @property
    def excused(self) -> bool:
        return self.adjusted is not None and self.adjusted.excused


def row(result: Result | ResultSummary, report: str = "", adjusted: AdjustedScore | None = None) -> Row:
    """The row of ``result``, whose page is at ``report``. What many rows say alike is kept once."""
    findings: tuple[Finding | FindingSummary, ...] = result.findings
    found = sorted(findings, key=lambda finding: finding.severity != "error")
    errors = [finding for finding in found if finding.severity == "error"]
    return Row(
        name=result.submission.name,
        exercise=sys.intern(result.exercise),
        status=sys.intern(result.status),
        score=result.score,
        max_score=result.max_score,
        pitfalls=_ids(finding.pitfall for finding in found),
        errors=_ids(finding.pitfall for finding in errors),
        cause=sys.intern(_cause(result)),
        isolation=sys.intern(result.environment.isolation),
        report=report,
        student_id=result.submission.student_id,
        items=tuple(Item(*map(sys.intern, (item.id, item.title, item.status))) for item in result.rubric),
        costs=tuple(dict.fromkeys((sys.intern(f.rubric), sys.intern(f.pitfall)) for f in errors)),
        adjusted=adjusted if adjusted is not None and adjusted.by_hand else None,
    )


def _ids(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(sys.intern, ids)))


def _cause(result: Result | ResultSummary) -> str:
    cause = next((finding for finding in result.findings if finding.severity == "error"), None)
    return one_line((cause.title or cause.pitfall) if cause else _without_cause(result), _LONGEST_CAUSE)


def _without_cause(result: Result | ResultSummary) -> str:
    missed = next((item for item in result.rubric if item.status == "failed"), None)
    lost = f"{missed.title}: {missed.detail or 'not passed'}" if missed else ""
    return result.reason or lost


def by_name(rows: Sequence[Row]) -> list[Row]:
    """The rows in the order of a class list: É beside E, whatever the case."""
    return sorted(rows, key=lambda row: (letters(row.name), row.name, row.student_id, row.exercise))


def letters(name: str) -> str:
    """What a name is sorted and found by: no accents, no case."""
    parts = unicodedata.normalize("NFKD", name.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))


def exercises(rows: Sequence[Row]) -> tuple[str, ...]:
    """The exercises that the rows are of, by name."""
    return tuple(sorted({row.exercise for row in rows}))


def statuses(rows: Sequence[Row]) -> Counter[str]:
    """How many rows have each status."""
    return Counter(row.status for row in rows)


def commonest(rows: Sequence[Row]) -> list[tuple[str, int]]:
    """The pitfalls that cost somebody points, and how many fell into each, commonest first."""
    counts = Counter(pitfall for row in rows for pitfall in row.errors)
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def pitfall_pages(rows: Sequence[Row]) -> dict[str, str]:
    """Where in the class's folder the page of each pitfall is that somebody's report names."""
    found = {pitfall for row in rows for pitfall in row.pitfalls}
    return {pitfall: f"pitfalls/{pitfall}.html" for pitfall in catalogue() if pitfall in found}
