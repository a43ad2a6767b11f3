"""The report of one result as one self-contained page."""

from __future__ import annotations

from grader.adjustments import AdjustedScore
from grader.records import Result
from grader.report.page import render
from grader.report.view import result_view


def html_report(result: Result, adjusted: AdjustedScore | None = None) -> str:
    """The page: it works offline, needs no script, and shows nothing that was not escaped. ``adjusted`` is
    what a person decided, where somebody did."""
    return render("result.html.j2", page=result_view(result), adjusted=adjusted)
