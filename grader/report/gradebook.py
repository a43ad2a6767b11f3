"""The gradebook, for a spreadsheet: a line a student, a column for each exercise where there are several."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from grader.clean import csv_cell
from grader.report.roster import Row, by_name, exercises
from grader.report.wording import number

HEADER = (
    "name", "id", "exercise", "status", "score", "max_score", "first_pitfall", "all_pitfalls",
    "isolation", "report", "machine_score", "adjustment", "comment",
)  # fmt: skip
OF_EACH = ("status", "first_pitfall", "report", "machine_score", "adjustment", "comment")
"""What follows the scores of several exercises, for each of them."""


def gradebook(rows: Sequence[Row], columns: Sequence[str] = ()) -> str:
    """The rows by name as CSV; no cell of it is taken for a formula. ``columns`` are the class's exercises,
    those too that nobody has a row of yet."""
    several = tuple(columns) or exercises(rows)
    if len(several) < 2:
        return _csv([HEADER, *(_cells(row) for row in by_name(rows))])
    return _csv([_wide_header(several), *(_wide_cells(own, several) for own in _by_student(rows))])


def _csv(table: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(table)
    return text.getvalue()


def _cells(row: Row) -> list[str]:
    texts = (_first(row), " ".join(row.pitfalls), row.isolation, row.report)
    return [
        csv_cell(row.name),
        csv_cell(row.student_id),
        csv_cell(row.exercise),
        row.status,
        _score(row),
        number(row.max_score),
        *map(csv_cell, texts),
        *_decided(row),
    ]


def _wide_header(columns: Sequence[str]) -> list[str]:
    details = [f"{exercise} {what}" for exercise in columns for what in OF_EACH]
    return ["name", "id", *map(csv_cell, columns), "score", "max_score", *map(csv_cell, details)]


def _wide_cells(own: dict[str, Row], columns: Sequence[str]) -> list[str]:
    """One student's line. What was not graded is blank, and counts for the highest score alone; what was
    excused counts for nothing."""
    first = next(iter(own.values()))
    scores = [_score(own[exercise]) if exercise in own else "" for exercise in columns]
    total = sum(row.counted or 0.0 for row in own.values())
    highest = sum(row.max_score for row in own.values() if not row.excused)
    details = [cell for exercise in columns for cell in _details(own.get(exercise))]
    return [
        csv_cell(first.name), csv_cell(first.student_id), *scores, number(total), number(highest), *details,
    ]  # fmt: skip


def _details(row: Row | None) -> list[str]:
    if row is None:
        return [""] * len(OF_EACH)
    return [row.status, csv_cell(_first(row)), csv_cell(row.report), *_decided(row)]


def _decided(row: Row) -> list[str]:
    """The grader's own score, and what a person decided."""
    machine = number(row.score) if row.status != "ungraded" else ""
    if row.adjusted is None:
        return [machine, "", ""]
    by = f" (by {row.adjusted.by})" if row.adjusted.by else ""
    return [machine, csv_cell(f"{row.adjusted.told or 'comment'}{by}"), csv_cell(row.adjusted.comment)]


def _first(row: Row) -> str:
    return row.errors[0] if row.errors else ""


def _score(row: Row) -> str:
    """The one that counts."""
    return number(row.counted) if row.counted is not None else ""


def _by_student(rows: Sequence[Row]) -> list[dict[str, Row]]:
    found: dict[tuple[str, str], dict[str, Row]] = {}
    for row in by_name(rows):
        found.setdefault(row.student, {})[row.exercise] = row
    return list(found.values())
