"""GitHub Classroom: what its autograding reporter reads, in base64."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

from grader.clean import inert, one_line
from grader.export.format import Order, text_format
from grader.export.graded import Graded, file_line, findings_of, item_lines, verdict
from grader.records import Result, RubricResult

_STATUS = {"passed": "pass", "failed": "fail", "blocked": "fail", "ungraded": "error"}


def report(order: Order) -> Iterator[str]:
    """One line, for ``$GITHUB_OUTPUT``."""
    text = json.dumps(document(order.one()), ensure_ascii=True, allow_nan=False)
    yield base64.b64encode(text.encode()).decode() + "\n"


def document(graded: Graded) -> dict[str, Any]:
    """The reporter's object: a test an item; it adds up the tests' scores."""
    result = graded.result
    tests = [_test(result, item) for item in result.rubric]
    if result.status == "ungraded":
        tests = [_plain("Not graded", "error", graded.score, verdict(graded))]
    elif graded.adjusted.told:
        difference = graded.score - sum(item.earned for item in result.rubric)
        tests.append(_plain("Decided by a person", "pass", difference, verdict(graded)))
    return {"version": 1, "status": _STATUS[result.status], "max_score": result.max_score, "tests": tests}


def _test(result: Result, item: RubricResult) -> dict[str, Any]:
    errors = [finding for finding in findings_of(result, item) if finding.severity == "error"]
    lines = [line for line in map(file_line, errors) if line is not None]
    test = _plain(item.title, _STATUS[item.status], item.earned, " ".join(item_lines(result, item)))
    return {**test, "line_no": lines[0] if lines else 0}


def _plain(name: str, status: str, score: float, message: str) -> dict[str, Any]:
    # The reporter prints these to the log of the job as they are.
    return {
        "name": one_line(inert(name)),
        "status": status,
        "score": score,
        "message": one_line(inert(message), 2000),
        "line_no": 0,
        "execution_time": "",  # the items are judged on the same runs: none has a time of its own
    }


FORMAT = text_format("one result in base64, for GitHub Classroom's autograding reporter", report)
