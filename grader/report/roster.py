"""One row a submission: as much of a result as the class's page and its gradebook need."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from grader.pitfall import catalogue
from grader.records import Result
from grader.report.wording import first_cause


@dataclass(frozen=True)
class Row:
    """One submission of the class. ``report`` is its page, relative to the class's folder."""

    name: str
    exercise: str
    status: str
    score: float
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

    @property
    def student(self) -> tuple[str, str]:
        """Whose row it is: names alone may be two people's."""
        return (self.student_id, "" if self.student_id else self.name)


def row(result: Result, report: str) -> Row:
    """The row of ``result``, whose page is at ``report``."""
    cause = first_cause(result)
    found = sorted(result.findings, key=lambda finding: finding.severity != "error")
    return Row(
        name=result.submission.name,
        exercise=result.exercise,
        status=result.status,
        score=result.score,
        max_score=result.max_score,
        pitfalls=tuple(dict.fromkeys(finding.pitfall for finding in found)),
        errors=tuple(dict.fromkeys(f.pitfall for f in found if f.severity == "error")),
        cause=(cause.title or cause.pitfall) if cause else _without_cause(result),
        isolation=result.environment.isolation,
        report=report,
        student_id=result.submission.student_id,
    )


def _without_cause(result: Result) -> str:
    missed = next((item for item in result.rubric if item.status == "failed"), None)
    lost = f"{missed.title}: {missed.detail or 'not passed'}" if missed else ""
    return result.reason or lost


def by_name(rows: Sequence[Row]) -> list[Row]:
    """The rows in the order of a class list: É beside E, whatever the case."""
    return sorted(rows, key=lambda row: (_letters(row.name), row.name, row.student_id, row.exercise))


def _letters(name: str) -> str:
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
