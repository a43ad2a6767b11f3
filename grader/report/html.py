"""The report of one result as one self-contained page."""

from __future__ import annotations

from grader.records import Result
from grader.report.page import render
from grader.report.view import result_view


def html_report(result: Result) -> str:
    """The page: it works offline, needs no script, and shows nothing that was not escaped."""
    return render("result.html.j2", page=result_view(result))
