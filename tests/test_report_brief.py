"""A result in a few lines."""

from __future__ import annotations

import io
from datetime import datetime

from rich.console import Console, RenderableType

from grader.grade import ungraded
from grader.records import Result
from grader.report.brief import brief_report, watching
from tests.command import ROOT
from tests.grading import Grading, submission_of

RIGHT = (ROOT / "reference" / "line.py").read_text("utf-8")
STALE = RIGHT.replace("        w.grad = None  # else the next backward() adds to what is here\n", "")


def shown(what: RenderableType) -> str:
    """As a terminal of 80 columns shows it."""
    out = io.StringIO()
    Console(file=out, width=80, color_system=None).print(what)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


def brief(result: Result) -> str:
    return shown(brief_report(result))


def test_the_score_and_the_first_thing_to_mend_with_its_line(grading: Grading) -> None:
    text = brief(grading.result(STALE))
    assert text.splitlines()[1].startswith("40 of ")
    assert "Mend this first: An update used gradient left over" in text
    assert "▶ 23 │         b.grad = None" in text and "To mend it: Clear `w.grad`" in text
    assert "Why it bites" not in text and "Also found" not in text
    assert len(text.splitlines()) < 20


def test_what_else_was_found_is_named(grading: Grading) -> None:
    result = grading.result(STALE)
    (first, *_) = result.findings
    others = [
        first.model_copy(update={"pitfall": "item-every-step", "line": 9, "severity": "warning"}),
        first.model_copy(update={"pitfall": "wrong-shape", "line": None}),
    ]
    text = brief(result.model_copy(update={"findings": (first, others[0], others[0], others[1])}))
    assert "Also found: item-every-step (line 9) and wrong-shape." in text


def test_a_pass_and_what_was_not_graded(grading: Grading) -> None:
    exercise = grading.course.exercise("line")
    assert "Nothing was found to mend." in brief(grading.result(RIGHT))
    assert "PyTorch is missing" in brief(
        ungraded(submission_of("", exercise), exercise, "PyTorch is missing")
    )


def test_what_is_short_of_a_pass_without_a_finding_says_what_it_lacks(grading: Grading) -> None:
    short = grading.result(RIGHT).model_copy(update={"status": "failed"})
    assert not short.findings
    assert "Works wherever the data are: Not judged: graded on cpu alone" in brief(short)


def test_the_last_line_while_watching() -> None:
    now = datetime(2026, 1, 2, 3, 4, 5)
    assert shown(watching("line\x1b.py", now, 0.44)) == (
        "line\\x1b.py, graded at 03:04:05 in 0.4 s. Save it to grade it again; Ctrl-C\nends."
    )
