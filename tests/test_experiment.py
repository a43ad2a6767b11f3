"""A diagnosis is put to the test: what is run again, what is said of it, and what it earns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from grader.confirming import told
from grader.evidence import Evidence
from grader.exercise import Course
from grader.experiment import experiments
from grader.findings import judged
from grader.pipeline import grade
from grader.policy import Policy
from grader.records import Experiment, Finding, Intervention, Result
from grader.report import wording
from grader.sandbox import Sandbox
from tests.grading import Grading, errors, submission_of

RIGHT = """\
import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1, requires_grad=True, device=x.device)
    b = torch.zeros(1, requires_grad=True, device=x.device)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
"""
TRACKED = RIGHT.replace("        with torch.no_grad():\n", "").replace("            w -=", "        w -=")
TRACKED = TRACKED.replace("            b -=", "        b -=")
STALE = RIGHT.replace("        w.grad = b.grad = None\n", "")
NO_GRADIENT_THEN_STALE = STALE.replace(", requires_grad=True", "")
NOTICES = TRACKED.replace(
    "    for step",
    """\
    from torch.overrides import _get_current_function_mode_stack as modes
    if len(modes()) > 1:
        solution = torch.linalg.lstsq(torch.stack([x, torch.ones_like(x)], 1), y[:, None]).solution
        return solution[0].clone().requires_grad_(), solution[1].clone().requires_grad_()
    for step""",
)

GradeSource = Callable[..., Result]


def test_a_right_program_is_not_run_again(grade_source: GradeSource) -> None:
    assert grade_source(RIGHT).experiments == ()


def test_a_mistake_that_is_cured_is_the_cause(grade_source: GradeSource) -> None:
    result = grade_source(TRACKED)
    (finding,), (experiment,) = errors(result), result.experiments
    assert finding.confirmed is True
    assert finding.proof.startswith("With only this neutralised, your unchanged code recovers w = ")
    assert finding.proof.endswith("It is the only thing wrong.")
    assert experiment.works and experiment.helped and experiment.neutralised == (0,)
    assert experiment.recovered == pytest.approx(experiment.expected, abs=0.02)


def test_what_shows_only_then_is_next_and_is_tried_too(grade_source: GradeSource) -> None:
    result = grade_source(NO_GRADIENT_THEN_STALE)
    (finding,) = errors(result)
    first, both = result.experiments
    assert [each.pitfall for each in first.next] == ["stale-gradient"] and not first.works
    assert both.neutralised_next == ("stale-gradient",) and both.works
    assert finding.confirmed is True
    assert "With this and `stale-gradient` neutralised" in finding.proof and "It takes both." in finding.proof
    assert [each.pitfall for each in wording.next_findings(result)] == ["stale-gradient"]


def test_a_program_that_notices_gains_nothing(grade_source: GradeSource) -> None:
    result = grade_source(NOTICES)
    finding = errors(result)[0]
    assert finding.confirmed is not True
    assert result.score == grade_source(TRACKED).score


# --- what it earns ------------------------------------------------------------------------------------


@pytest.fixture
def graded_by(course: Course, sandbox: Sandbox) -> Callable[[str, float], Result]:
    def graded(source: str, share: float) -> Result:
        exercise = replace(course.exercise("line"), policy=Policy(confirmed_share=share))
        return grade(submission_of(source, exercise), exercise, sandbox, devices=("cpu",))

    return graded


def test_what_only_a_proved_mistake_stood_in_the_way_of_says_so(grade_source: GradeSource) -> None:
    result = grade_source(TRACKED)
    waiting = {item.id: item for item in result.rubric if item.because_of}
    assert set(waiting) == {"coefficients", "shapes-and-dtypes", "gradient-zeroing"}
    assert all(item.because_of == ("tracked-inplace-update",) for item in waiting.values())
    assert all(item.earned == 0 for item in waiting.values())
    assert wording.because_of(waiting["coefficients"]) == "Passes once `tracked-inplace-update` is mended"


@pytest.mark.parametrize("share", [0.5, 1.0])
def test_a_course_may_give_a_share_of_it(graded_by: Callable[[str, float], Result], share: float) -> None:
    none, some = graded_by(TRACKED, 0.0), graded_by(TRACKED, share)
    waiting = sum(item.points for item in some.rubric if item.because_of)
    assert waiting and some.score == none.score + share * waiting
    assert some.score < some.max_score and some.status == "failed"
    own = next(item for item in some.rubric if item.id == "no-grad")
    assert (own.earned, own.because_of) == (0, ())


def test_the_item_of_a_mistake_that_shows_next_is_lost_as_well(
    graded_by: Callable[[str, float], Result],
) -> None:
    result = graded_by(TRACKED.replace("        w.grad = b.grad = None\n", ""), 1.0)
    waiting = {item.id: item for item in result.rubric if item.because_of}
    assert set(waiting) == {"coefficients", "shapes-and-dtypes"}
    assert waiting["coefficients"].because_of == ("tracked-inplace-update", "stale-gradient")
    zeroing = next(item for item in result.rubric if item.id == "gradient-zeroing")
    assert (zeroing.earned, zeroing.status) == (0, "blocked")


def test_nothing_is_earned_where_nothing_is_proved(graded_by: Callable[[str, float], Result]) -> None:
    source = RIGHT.replace("(w * x + b - y) ** 2", "(w * x + b - y).abs()")
    result = graded_by(source, 1.0)
    assert not any(item.because_of for item in result.rubric)


# --- what is said ---------------------------------------------------------------------------------------


def an_experiment(*places: int, **changes: object) -> Experiment:
    fields = {"neutralised": places, "device": "cpu", "seed": 1, "works": False, "helped": False}
    return Experiment.model_validate({**fields, **changes})


def a_result(grading: Grading, *experiments: Experiment, **changes: object) -> Result:
    result = grading.result(TRACKED)
    finding = result.findings[0].model_copy(update=changes)
    return result.model_copy(update={"findings": (finding,), "experiments": experiments})


@pytest.mark.parametrize(
    ("experiments", "confirmed", "words"),
    [
        ((), None, "Mend this first"),
        ((an_experiment(0, works=True, helped=True),), True, "Mend this first"),
        ((an_experiment(0, helped=True),), False, "Mend this first"),
        ((an_experiment(0),), False, "Look here first"),
    ],
)
def test_a_cause_whose_cure_did_nothing_is_a_lead(
    grading: Grading, experiments: tuple[Experiment, ...], confirmed: bool | None, words: str
) -> None:
    result = a_result(grading, *experiments, confirmed=confirmed)
    assert wording.first_words(result, result.findings[0]) == words


# --- what is run ----------------------------------------------------------------------------------------


class Again:
    """Runs again as ``made`` says, and remembers what it was asked."""

    def __init__(self, grading: Grading, *sources: str) -> None:
        self._runs = [grading.evidence(source) for source in sources]
        self.asked: list[tuple[str, ...]] = []

    def __call__(self, first: Evidence, interventions: Sequence[Intervention]) -> Evidence:
        kinds = tuple(each.kind for each in interventions)
        self.asked.append(kinds)
        run = self._runs[min(len(self.asked), len(self._runs)) - 1]
        assert run.report.trace is not None
        trace = run.report.trace.model_copy(update={"intervened": kinds})
        return replace(run, report=run.report.model_copy(update={"trace": trace}))


BOTH = STALE.replace("    w =", "    y = y.reshape(-1, 1)\n    w =", 1)


def findings(grading: Grading, source: str, again: Again) -> tuple[Finding, ...]:
    found = judged([grading.evidence(source)])
    return told(found, experiments(found, again))


def test_two_mistakes_are_tried_together_then_each_alone(grading: Grading) -> None:
    again = Again(grading, RIGHT, BOTH)
    found = findings(grading, BOTH, again)
    assert again.asked == [("align", "clear-stale"), ("align",), ("clear-stale",)]
    assert [finding.confirmed for finding in found] == [True, True]
    assert all("It takes both." in finding.proof for finding in found)


def test_a_cure_that_changes_nothing_makes_a_lead(grading: Grading) -> None:
    (finding,) = findings(grading, TRACKED, Again(grading, TRACKED))
    assert finding.confirmed is False
    assert "your code still does what it did: take this for a lead" in finding.proof


def test_a_cure_that_found_nothing_to_do_says_nothing(grading: Grading) -> None:
    again = Again(grading, RIGHT)

    def untouched(first: Evidence, interventions: Sequence[Intervention]) -> Evidence:
        return again(first, ())

    found = judged([grading.evidence(TRACKED)])
    assert experiments(found, untouched) == ()


def test_of_a_mistake_beside_one_that_cannot_be_neutralised_nothing_is_said(grading: Grading) -> None:
    source = STALE.replace("    for step", "    torch.optim.SGD([w, b], lr=lr)\n    for step")
    found = findings(grading, source, Again(grading, source))
    assert {finding.pitfall for finding in found} == {"forbidden-api", "stale-gradient"}
    assert {finding.confirmed for finding in found} == {None}


def test_a_program_that_never_ends_once_it_gets_so_far_is_stopped_soon(
    course: Course, impatient: Sandbox
) -> None:
    """The mistake at hand raises; behind it waits a loop without an end."""
    source = TRACKED.replace("    return w, b", "    while True:\n        pass")
    exercise = course.exercise("line")
    result = grade(submission_of(source, exercise), exercise, impatient, devices=("cpu",))
    (finding,) = errors(result)
    assert (finding.pitfall, finding.confirmed, result.experiments) == ("tracked-inplace-update", None, ())


# --- as a student sees it ---------------------------------------------------------------------------------


def test_the_terminal_says_what_was_shown(tmp_path: Path) -> None:
    from tests.command import grader

    file = tmp_path / "line.py"
    file.write_text(NO_GRADIENT_THEN_STALE, "utf-8")
    short = " ".join(grader("check", file).stdout.decode().split())
    assert "With this and `stale-gradient` neutralised, your unchanged code recovers" in short
    said = grader("check", "-v", file).stdout.decode()
    assert "Put to the test" in said
    assert "Next, once that is mended" in said and "stale-gradient" in said
