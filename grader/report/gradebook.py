"""The gradebook: one line a submission, for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from grader.clean import csv_cell
from grader.report.roster import Row, by_name
from grader.report.wording import number

HEADER = (
    "name", "exercise", "status", "score", "max_score", "first_pitfall", "all_pitfalls",
    "isolation", "report",
)  # fmt: skip


def gradebook(rows: Sequence[Row]) -> str:
    """The rows by name as CSV; no cell of it is taken for a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEADER)
    writer.writerows(_cells(row) for row in by_name(rows))
    return text.getvalue()


def _cells(row: Row) -> list[str]:
    texts = (row.errors[0] if row.errors else "", " ".join(row.pitfalls), row.isolation, row.report)
    return [
        csv_cell(row.name),
        csv_cell(row.exercise),
        row.status,
        number(row.score) if row.status != "ungraded" else "",
        number(row.max_score),
        *map(csv_cell, texts),
    ]
