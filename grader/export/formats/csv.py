"""A line a result, for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from grader.clean import csv_cell
from grader.export.format import Order, text_format
from grader.export.graded import Graded
from grader.report import wording
from grader.report.wording import number

HEADER = (
    "name", "id", "exercise", "status", "score", "max_score", "grader_score", "errors", "warnings",
    "first_error", "place", "comment", "path", "sha256",
)  # fmt: skip


def lines(order: Order) -> Iterator[str]:
    """The header, then the results in their order; no cell of it is taken for a formula."""
    yield _line(HEADER)
    for graded in order.results:
        yield _line(_cells(graded))


def _cells(graded: Graded) -> list[str]:
    result = graded.result
    cause = wording.first_cause(result)
    texts = (
        _pitfalls(graded, "error"),
        _pitfalls(graded, "warning"),
        (cause.title or cause.pitfall) if cause else result.reason or "",
        wording.where(cause) if cause else "",
        graded.by_hand,
        result.submission.path,
        result.submission.sha256,
    )
    machine = graded.adjusted.machine
    scores = [
        number(graded.score) if graded.has_score else "",
        number(result.max_score),
        number(machine) if machine is not None else "",
    ]
    return [
        *map(csv_cell, (graded.name, graded.student_id, result.exercise, result.status)),
        *scores,
        *map(csv_cell, texts),
    ]


def _pitfalls(graded: Graded, severity: str) -> str:
    return " ".join(dict.fromkeys(f.pitfall for f in graded.result.findings if f.severity == severity))


def _line(cells: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue()


FORMAT = text_format("a line a result, for a spreadsheet", lines)
