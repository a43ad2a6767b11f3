"""From findings to points. An item that nothing was seen of is blocked, never passed."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping, Sequence

from grader import __version__
from grader.evidence import RunEvidence
from grader.exercise import Exercise, RubricItem
from grader.pitfall import catalogue
from grader.records import (
    Environment,
    Finding,
    Result,
    RubricResult,
    RunResult,
    RunStatus,
    Submission,
    SubmissionInfo,
)
from grader.words import fitted, place, shape

Witness = Callable[[RunEvidence], str | None]
"""What was seen of a rubric item in one run; None where it could not be looked at."""


def grade_runs(
    submission: Submission,
    exercise: Exercise,
    runs: Sequence[RunEvidence],
    findings: Sequence[Finding],
    environment: Environment,
) -> Result:
    """The verdict: points for every rubric item, and whether the submission passed."""
    rubric = tuple(_judge_item(item, runs, findings) for item in exercise.rubric)
    score = sum(item.earned for item in rubric)
    clean = not any(finding.severity == "error" for finding in findings)
    return Result(
        exercise=exercise.id,
        submission=_info(submission),
        status="passed" if clean and score == exercise.max_score else "failed",
        score=score,
        max_score=exercise.max_score,
        rubric=rubric,
        findings=tuple(findings),
        runs=tuple(_run_result(run) for run in runs),
        environment=environment,
        source=submission.source,
        grader=__version__,
    )


def ungraded(submission: Submission, exercise: Exercise, reason: str) -> Result:
    """No verdict, for a reason that is the grader's own fault and not the submission's."""
    rubric = tuple(
        RubricResult(
            id=item.id,
            title=item.title,
            points=item.points,
            earned=0,
            status="blocked",
            detail="Not judged: the grader could not run the submission.",
        )
        for item in exercise.rubric
    )
    return Result(
        exercise=exercise.id,
        submission=_info(submission),
        status="ungraded",
        reason=reason,
        score=0,
        max_score=exercise.max_score,
        rubric=rubric,
        findings=(),
        runs=(),
        environment=Environment(
            torch=None, python=platform.python_version(), devices=(), isolation="none in force"
        ),
        source=submission.source,
        grader=__version__,
    )


def _judge_item(item: RubricItem, runs: Sequence[RunEvidence], findings: Sequence[Finding]) -> RubricResult:
    errors = [finding for finding in findings if finding.severity == "error"]
    own = [finding for finding in errors if finding.rubric == item.id]
    blocking = [f for f in errors if item.id in catalogue()[f.pitfall].pitfall.blocks]
    seen = _witnessed(item, runs)
    if own:
        return _result(item, "failed", "; ".join(dict.fromkeys(f"{f.title}" for f in own)))
    if blocking:
        return _result(item, "blocked", f"Not judged: {_lower(blocking[0].title)}")
    if seen is None:
        return _result(item, "blocked", _blocked(errors))
    if item.id == "coefficients" and not all(run.is_right for run in runs):
        because = f"This follows from: {_lower(errors[0].title)}" if errors else "They are off"
        return _result(item, "failed", because)
    return _result(item, "passed", seen)


def _result(item: RubricItem, status: str, detail: str) -> RubricResult:
    return RubricResult.model_validate(
        {
            "id": item.id,
            "title": item.title,
            "points": item.points,
            "earned": item.points if status == "passed" else 0,
            "status": status,
            "detail": detail,
        }
    )


def _blocked(errors: Sequence[Finding]) -> str:
    if not errors:
        return "Not judged: nothing of this was seen in the run"
    where = f" at {place(errors[0].line)}" if errors[0].line else ""
    return f"Not judged: the mistake{where} came first"


def _lower(title: str) -> str:
    return title[:1].lower() + title[1:] if title[1:2].islower() else title


def _witnessed(item: RubricItem, runs: Sequence[RunEvidence]) -> str | None:
    witness = WITNESSES.get(item.id)
    if witness is None or not runs:
        return None
    seen = [witness(run) for run in runs]
    return seen[0] if all(s is not None for s in seen) else None


def _saw_coefficients(run: RunEvidence) -> str | None:
    if run.recovered is None:
        return None
    names = run.fit.names
    return f"{fitted(names, run.recovered)}; least squares: {fitted(names, run.fit.expected)}"


def _saw_shapes(run: RunEvidence) -> str | None:
    views = run.answer_tensors
    if views:
        kinds = dict.fromkeys(f"{view.dtype} of shape {shape(view.shape)}" for view in views)
        return "The fitted parameters are " + " and ".join(kinds)
    return "The fitted values were left as numbers" if run.is_script and run.recovered else None


def _saw_leaves(run: RunEvidence) -> str | None:
    if run.answer_tensors and (run.slots or run.uses_forward_mode):
        return "Every fitted parameter is a leaf that requires grad"
    if run.slots and (run.is_script or not run.returned_normally):
        names = ", ".join(run.name_of(slot) for slot in run.slots)
        return f"The backward pass reached the leaves {names}"
    return None


def _saw_zeroing(run: RunEvidence) -> str | None:
    if run.uses_forward_mode and run.is_right:
        return "Derivatives came forward, without a backward pass: there was nothing to clear"
    if run.pass_count < 2 or not run.slots:
        return None
    return f"No gradient was carried over in {run.pass_count} backward passes"


def _saw_updates(run: RunEvidence) -> str | None:
    if run.uses_forward_mode and run.is_right:
        return "Every update was made outside the graph"
    moved = any(step.moved and any(step.moved) for slot in run.slots for step in run.steps_of(slot))
    return "Every update was made outside the graph" if moved else None


WITNESSES: Mapping[str, Witness] = {
    "coefficients": _saw_coefficients,
    "shapes-and-dtypes": _saw_shapes,
    "leaf-status": _saw_leaves,
    "gradient-zeroing": _saw_zeroing,
    "no-grad": _saw_updates,
}


def _info(submission: Submission) -> SubmissionInfo:
    return SubmissionInfo(
        name=submission.name,
        path=submission.path,
        sha256=submission.sha256,
        form=submission.form,
        student_id=submission.student_id,
        notes=submission.notes,
        cells=submission.cells,
    )


def _run_result(run: RunEvidence) -> RunResult:
    return RunResult(
        device=run.request.device,
        seed=run.request.seed,
        status=_status(run),
        seconds=run.report.seconds,
        recovered=run.recovered,
        expected=run.fit.expected,
        loss=run.losses,
        lr=run.fit.lr,
        steps=run.fit.steps,
        truth=run.fit.truth,
        names=run.fit.names,
        stdout=run.report.stdout,
        stderr=run.report.stderr,
        repeat=run.repeat,
    )


def _status(run: RunEvidence) -> RunStatus:
    if run.trace is None:
        return "stopped"
    statuses: dict[str, RunStatus] = {"returned": "completed", "raised": "raised"}
    return statuses.get(run.trace.outcome, "exited")
