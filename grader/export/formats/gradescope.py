"""Gradescope: the results.json that its harness takes from an autograder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from grader.clean import visible
from grader.export.format import Order, text_format
from grader.export.graded import Graded, findings_of, item_lines, remarks, verdict
from grader.records import RubricResult

_LONGEST_OUTPUT = 20_000


def results_json(order: Order) -> Iterator[str]:
    """The whole file."""
    yield to_json(document(order.one()))


def to_json(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def document(graded: Graded) -> dict[str, Any]:
    """A test an item of the rubric. All text is plain: nothing of a student's is markup there."""
    result = graded.result
    return {
        "score": graded.score,
        "execution_time": round(sum(run.seconds for run in result.runs), 3),
        "output": _text([verdict(graded), *result.submission.notes, *remarks(result)]),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [_test(graded, item, number) for number, item in enumerate(result.rubric, 1)],
        "extra_data": {
            "exercise": visible(result.exercise),
            "status": result.status,
            "max_score": result.max_score,
            "pitfalls": [visible(finding.pitfall) for finding in result.findings],
            "sha256": result.submission.sha256,
            "grader": result.grader,
        },
    }


def failure(message: str) -> dict[str, Any]:
    """No verdict: a score of 0, and why."""
    return {
        "score": 0.0,
        "output": _text([message]),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [],
        "extra_data": {"status": "ungraded"},
    }


def _test(graded: Graded, item: RubricResult, number: int) -> dict[str, Any]:
    findings = findings_of(graded.result, item)
    return {
        "name": _text([item.title]),
        "name_format": "text",
        "number": str(number),
        "score": item.earned,
        "max_score": item.points,
        "status": "passed" if item.status == "passed" else "failed",
        "output": _text(item_lines(graded.result, item)),
        "output_format": "text",
        "tags": list(dict.fromkeys(visible(finding.pitfall) for finding in findings)),
        "visibility": "visible",
    }


def _text(lines: list[str]) -> str:
    return visible("\n\n".join(lines))[:_LONGEST_OUTPUT]


FORMAT = text_format("the results.json of one submission, for Gradescope", results_json)
