"""What is suggested, and when: proved changes only, of mistakes that were found, where the policy allows."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from grader.exercise import Course, find_course
from grader.pitfall import Example, catalogue
from grader.policy import Policy
from grader.records import CellLine, Finding, Result, Submission
from grader.report.json_text import result_json
from grader.sandbox import Sandbox
from grader.submission import submission_of as read
from grader.suggestion import proof, suggesting, with_suggestions
from grader.suggestion.diff import diff_of
from grader.suggestion.mends import mends
from grader.suggestion.proof import candidates, mends_it, uncovered
from tests import handmade
from tests.grading import Grading, submission_of, unmarked
from tests.notebooks import notebook
from tests.suggested import SUGGESTIONS, examples, suggested

NIGHTLY = os.environ.get("GRADER_NIGHTLY") == "1"
COURSE = find_course()
LINE = COURSE.exercise("line")
ALWAYS = replace(LINE, policy=Policy(suggest="always"))
NOW = datetime(2026, 12, 1, tzinfo=UTC)
KEPT: dict[str, str | None] = json.loads(SUGGESTIONS.read_text("utf-8"))
TWO_MENDS = {"elementwise-product 2", "parameters-reset 1", "severed-graph 3"}
"""What the second of two changes mends shows only once the first one is made."""
PROVED = ("stale-gradient-1", "parameters-reset-1", "silent-broadcast-2")
"""Examples whose suggestion is proved in every run of the tests; each of them is, with GRADER_NIGHTLY=1."""

named = [pytest.param(name, example, id=name.replace(" ", "-")) for name, example in examples()]


# --- what is proposed ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "example"), named)
def test_the_change_that_is_kept_is_among_those_proposed(
    grading: Grading, name: str, example: Example
) -> None:
    if KEPT[name] is None or name in TWO_MENDS or name.startswith("time-limit"):
        return
    exercise = COURSE.exercise(example.exercise)
    source = unmarked(example.source)
    (finding,) = grading.result(source, example.exercise, device=example.device).findings
    submission = submission_of(source, exercise)
    diffs = [diff_of(submission, edited) for edited in candidates(submission, exercise, finding)]
    assert KEPT[name] in diffs


@pytest.mark.parametrize(("name", "example"), [case for case in named if NIGHTLY or case.id in PROVED])
def test_every_suggestion_is_proved_again(
    course: Course, sandbox: Sandbox, impatient: Sandbox, name: str, example: Example
) -> None:
    held = impatient if name.startswith(("time-limit", "output-limit")) else sandbox
    found = suggested(course, held, example)
    assert (found.diff if found else None) == KEPT[name]


def test_each_example_is_kept_and_most_are_mended() -> None:
    assert KEPT.keys() == {name for name, _ in examples()}
    assert sum(diff is not None for diff in KEPT.values()) >= 75


def test_what_is_mended_is_a_pitfall() -> None:
    assert mends().keys() <= catalogue().keys()


def test_a_mend_that_fails_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Any:
        raise KeyError("a fault")
        yield

    monkeypatch.setattr(proof, "mends", lambda: {"stale-gradient": (broken, *mends()["stale-gradient"])})
    assert candidates(STALE_SUBMISSION, ALWAYS, STALE)


@pytest.mark.parametrize("source", ["def fit(:\n", "a = 1\r", "(" * 3000, "", "x" * 100])
def test_what_cannot_be_read_has_no_candidates(source: str) -> None:
    submission = submission_of(source, LINE)
    for pitfall in mends():
        finding = STALE.model_copy(update={"pitfall": pitfall, "line": 1})
        assert all(edited != source for edited in candidates(submission, LINE, finding))


# --- what is accepted, without running anything -----------------------------------------------------------

SOURCE = """import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1, requires_grad=True, device=x.device)
    for step in range(steps):
        loss = ((w * x - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
    return w
"""
STALE = handmade.STALE.model_copy(update={"line": 5, "evidence": {"forgotten": ["w.grad"]}})
STALE_SUBMISSION = submission_of(SOURCE, LINE)
OTHER = STALE.model_copy(update={"pitfall": "gradient-ascent", "rubric": "coefficients", "line": 9})
BEFORE = handmade.failed(findings=(STALE, handmade.ITEM), source=SOURCE)
RIGHT = handmade.result()


def failing(*findings: Finding, **statuses: tuple[str, str]) -> Result:
    return handmade.failed(findings=findings, rubric=handmade.rubric(**statuses))


FAILED = ("failed", "")
BLOCKED = ("blocked", "")
BOTH = failing(STALE, OTHER, coefficients=FAILED, gradient_zeroing=FAILED)


@pytest.mark.parametrize(
    ("before", "after", "mended"),
    [
        (BEFORE, RIGHT, True),
        (BEFORE, BEFORE, False),
        (BEFORE, failing(OTHER, coefficients=FAILED), False),
        (BEFORE, failing(coefficients=FAILED), False),
        # Beside another mistake, which stays: what the mended one cost passes, and nothing else is lost.
        (BOTH, failing(OTHER, coefficients=FAILED), True),
        (failing(STALE, OTHER, gradient_zeroing=FAILED), failing(OTHER, gradient_zeroing=BLOCKED), False),
        (failing(STALE, OTHER, gradient_zeroing=FAILED), failing(OTHER, gradient_zeroing=FAILED), True),
        (failing(STALE, OTHER, gradient_zeroing=FAILED), failing(gradient_zeroing=FAILED), False),
        (failing(STALE, OTHER, gradient_zeroing=FAILED), failing(OTHER, no_grad=FAILED), False),
        (failing(STALE, OTHER, gradient_zeroing=FAILED), failing(), True),
    ],
)  # fmt: skip
def test_a_change_is_accepted_that_mends_all_that_the_mistake_had_cost_and_nothing_less(
    before: Result, after: Result, mended: bool
) -> None:
    assert mends_it(STALE, before, after) is mended


def test_a_mistake_in_another_function_is_another_mistake() -> None:
    here, there = (STALE.model_copy(update={"entry": name}) for name in ("f", "g"))
    assert mends_it(
        here, failing(here, there, gradient_zeroing=FAILED), failing(there, gradient_zeroing=FAILED)
    )


def test_what_shows_on_another_device_costs_the_item_of_devices() -> None:
    away = STALE.model_copy(update={"device": "sim"})
    devices = handmade.rubric()[0].model_copy(update={"id": "devices", "status": "failed"})
    before = handmade.failed(findings=(away, OTHER), rubric=(devices, *handmade.rubric()))
    assert not mends_it(away, before, before.model_copy(update={"findings": (OTHER,)}))
    right = devices.model_copy(update={"status": "passed"})
    after = before.model_copy(update={"findings": (OTHER,), "rubric": (right, *handmade.rubric())})
    assert mends_it(away, before, after)


def test_what_is_uncovered_is_an_error_that_was_not_there() -> None:
    assert uncovered(STALE, BEFORE, failing(OTHER)) == OTHER
    assert uncovered(STALE, BEFORE, failing(STALE, OTHER)) is None
    assert uncovered(STALE, failing(STALE, OTHER), failing(OTHER)) is None
    assert uncovered(STALE, BEFORE, failing(handmade.ITEM)) is None


class Graders:
    """Grades texts by a rule, and remembers them."""

    def __init__(self, rule: Callable[[str], Result]) -> None:
        self.rule = rule
        self.graded: list[Submission] = []

    def __call__(self, submission: Submission) -> Result:
        self.graded.append(submission)
        return self.rule(submission.source)


def suggestion_in(result: Result) -> str | None:
    found = result.findings[0].suggestion
    return found.diff if found else None


def test_the_first_that_passes_is_told_with_what_it_makes_pass() -> None:
    graders = Graders(lambda source: RIGHT if "w.grad = None" in source else BEFORE)
    found = with_suggestions(BEFORE, STALE_SUBMISSION, ALWAYS, graders, NOW).findings
    assert found[0].suggestion is not None and found[1].suggestion is None
    assert found[0].suggestion.passes == ("coefficients", "gradient-zeroing")
    assert found[0].suggestion.lines_changed == 1 and "+        w.grad = None" in found[0].suggestion.diff
    assert len(graders.graded) == 1


def test_the_edited_text_is_graded_under_the_same_digest_so_that_a_secret_draws_the_same_data() -> None:
    graders = Graders(lambda _: RIGHT)
    with_suggestions(BEFORE, STALE_SUBMISSION, ALWAYS, graders, NOW)
    (edited,) = graders.graded
    assert edited.sha256 == STALE_SUBMISSION.sha256 and edited.source != SOURCE


def test_nothing_is_told_that_no_run_has_proved_and_the_runs_are_counted() -> None:
    graders = Graders(lambda _: BEFORE)
    many = tuple(STALE.model_copy(update={"entry": f"f{i}"}) for i in range(9))
    before = handmade.failed(findings=many, source=SOURCE)
    result = with_suggestions(before, STALE_SUBMISSION, ALWAYS, graders, NOW)
    assert not any(finding.suggestion for finding in result.findings)
    assert 1 < len(graders.graded) <= proof.MOST_RUNS


def test_after_a_while_no_further_run_is_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "MOST_SECONDS", -1.0)
    graders = Graders(lambda _: RIGHT)
    assert suggestion_in(with_suggestions(BEFORE, STALE_SUBMISSION, ALWAYS, graders, NOW)) is None
    assert graders.graded == []


POLICIES = [
    (Policy(), False),
    (Policy(suggest="never", deadline=NOW - timedelta(days=1)), False),
    (Policy(suggest="after the deadline", deadline=NOW + timedelta(seconds=1)), False),
    (Policy(suggest="after the deadline", deadline=NOW), True),
    (Policy(suggest="always", deadline=NOW + timedelta(days=1)), True),
]


@pytest.mark.parametrize(("policy", "shown"), POLICIES)
def test_a_suggestion_is_made_only_where_the_policy_lets_it_be_shown(policy: Policy, shown: bool) -> None:
    graders = Graders(lambda _: RIGHT)
    result = with_suggestions(BEFORE, STALE_SUBMISSION, replace(LINE, policy=policy), graders, NOW)
    assert len(graders.graded) == shown
    assert ("w.grad = None" in result_json(result)) is shown
    if not shown:
        assert result == BEFORE


@pytest.mark.parametrize(
    ("result", "submission"),
    [
        (RIGHT, STALE_SUBMISSION),
        (handmade.ungraded(), STALE_SUBMISSION),
        (BEFORE, STALE_SUBMISSION.model_copy(update={"problem": "not UTF-8"})),
        (BEFORE, STALE_SUBMISSION.model_copy(update={"source": SOURCE + "#" * proof.MOST_BYTES})),
        (handmade.failed(findings=(handmade.ITEM,)), STALE_SUBMISSION),
    ],
)
def test_nothing_is_run_where_there_is_nothing_to_mend(result: Result, submission: Submission) -> None:
    graders = Graders(lambda _: RIGHT)
    assert with_suggestions(result, submission, ALWAYS, graders, NOW) == result
    assert graders.graded == []


def test_a_class_is_graded_with_suggestions_by_the_sandbox_that_graded_it() -> None:
    asked: list[tuple[str, object]] = []

    def grade_one(submission: Submission, exercise: object, sandbox: object) -> Result:
        asked.append((submission.source, sandbox))
        return RIGHT if "w.grad = None" in submission.source else BEFORE

    sandbox: Any = object()
    result = suggesting(grade_one, NOW)(STALE_SUBMISSION, ALWAYS, sandbox)
    assert suggestion_in(result) is not None
    assert len(asked) == 2 and all(held is sandbox for _, held in asked)


def test_a_notebooks_change_is_told_by_cell_and_made_at_the_findings_line() -> None:
    imports, rest = SOURCE.split("\n\n")
    data = notebook(imports, ("markdown", "A fit"), rest)
    submission = read(data, LINE, name="n", path="n.ipynb")
    finding = STALE.model_copy(update={"line": CellLine(cell=3, line=3)})
    before = handmade.failed(findings=(finding,), source=submission.source)
    graders = Graders(lambda source: RIGHT if "w.grad = None" in source else before)
    diff = suggestion_in(with_suggestions(before, submission, ALWAYS, graders, NOW)) or ""
    assert diff.splitlines() == [
        "--- cell 3",
        "+++ cell 3",
        "@@ -5,4 +5,5 @@",
        "         loss.backward()",
        "         with torch.no_grad():",
        "             w -= lr * w.grad",
        "+        w.grad = None",
        "     return w",
    ]


def test_an_older_result_has_no_suggestion_and_still_reads() -> None:
    old = json.loads(BEFORE.model_dump_json())
    for finding in old["findings"]:
        del finding["suggestion"]
    assert Result.model_validate(old) == BEFORE
