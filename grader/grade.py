"""From findings to points. An item that nothing was seen of is blocked, never passed."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from grader.accelerators import in_words
from grader.call_evidence import CallEvidence
from grader.calls import FunctionExercise
from grader.evidence import Evidence, FitEvidence
from grader.exercise import Exercise, RubricItem
from grader.expected import kind_of
from grader.experiment import Tried
from grader.pictured import pictured
from grader.pitfall import catalogue
from grader.records import (
    Environment,
    Finding,
    Picture,
    Result,
    RubricResult,
    RunResult,
    RunStatus,
    Submission,
    SubmissionInfo,
)
from grader.version import __version__
from grader.words import fitted, listing, place, plural, shape

DEVICES = "devices"
"""The rubric item of what shows on a second device."""


@dataclass(frozen=True)
class Graded:
    """All that points are given by."""

    home: str | None
    """The device of the first run: what shows on another one alone is a matter of devices."""
    has_device_item: bool
    about_devices: bool
    runs: Sequence[Evidence]
    findings: Sequence[Finding]
    environment: Environment
    chosen: bool

    @property
    def at_home(self) -> list[Evidence]:
        """The runs that all items but that of the devices are judged by."""
        return [run for run in self.runs if run.request.device == self.home or not self.has_device_item]

    @property
    def away(self) -> list[Evidence]:
        return [run for run in self.runs if run.request.device != self.home]

    @property
    def never_taken_away(self) -> set[str]:
        """The functions that came to nothing at home, and so were not run on another device."""
        calls = [run for run in self.at_home if isinstance(run, CallEvidence) and not run.case.at_home_only]
        away = {run.request.entry for run in self.away}
        return {run.entry.name for run in calls} - away

    @property
    def errors(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity == "error"]

    def needs_another_device(self, runs: Sequence[CallEvidence]) -> bool:
        """Whether nothing can be said of these runs where there is one device alone."""
        alone = len(self.environment.devices) < 2
        return self.about_devices and alone and not all(run.case.at_home_only for run in runs)

    def item_of(self, finding: Finding) -> str:
        """The rubric item that a finding costs."""
        at_home = finding.device in (None, self.home) or not self.has_device_item
        return finding.rubric if at_home else DEVICES

    def errors_in(self, entry: str | None) -> list[Finding]:
        """The errors of a function, and those that belong to none."""
        return [error for error in self.errors if error.entry in (None, entry)]


Witness = Callable[[Evidence], str | None]
"""What was seen of a rubric item in one run; None where it could not be looked at."""


def grade_runs(
    submission: Submission,
    exercise: Exercise,
    runs: Sequence[Evidence],
    findings: Sequence[Finding],
    environment: Environment,
    *,
    chosen: bool = False,
    tried: Sequence[Tried] = (),
) -> Result:
    """The verdict: points for every rubric item, and whether the submission passed.

    ``chosen`` says that the devices were named by whoever asked. What these leave out is then no part of the
    question: it is blocked, and the full score is so much less.
    """
    home = runs[0].request.device if runs else None
    has_item = any(item.id == DEVICES for item in exercise.rubric)
    about_devices = isinstance(exercise, FunctionExercise) and exercise.about_devices
    graded = Graded(home, has_item, about_devices, runs, findings, environment, chosen)
    judged = tuple(_judge_item(item, graded) for item in exercise.rubric)
    share = exercise.policy.confirmed_share
    proved = _proved(exercise, graded, tried)
    rubric = tuple(_because_of(item, proved, share) for item in judged)
    score = sum(item.earned for item in rubric)
    max_score = sum(item.points for item in rubric)
    pictures = pictured(runs, findings)
    clean = not any(finding.severity == "error" for finding in findings)
    return Result(
        exercise=exercise.id,
        submission=_info(submission),
        status="passed" if clean and score == max_score else "failed",
        score=score,
        max_score=max_score,
        rubric=rubric,
        findings=tuple(findings),
        runs=tuple(_run_result(run, pictures.get(index)) for index, run in enumerate(runs)),
        environment=environment,
        experiments=tuple(each.experiment for each in tried),
        source=submission.source,
        grader=__version__,
    )


@dataclass(frozen=True)
class _Proved:
    """What an experiment showed that works."""

    mistakes: tuple[str, ...] = ()
    """The pitfalls that were neutralised, those that only showed in an experiment among them."""
    passing: frozenset[str] = frozenset()
    """The rubric items that pass then, and that none of these mistakes costs."""


def _proved(exercise: Exercise, graded: Graded, tried: Sequence[Tried]) -> _Proved:
    """What passes once every mistake is neutralised; nothing where that was not shown."""
    errors = {n for n, finding in enumerate(graded.findings) if finding.severity == "error"}
    shown = next((t for t in tried if t.experiment.works and errors <= set(t.experiment.neutralised)), None)
    if shown is None:
        return _Proved()
    following = [finding for each in tried for finding in each.experiment.next]
    lost = {graded.item_of(finding) for finding in (*graded.errors, *following)}
    clean = replace(graded, runs=(shown.run,), findings=(), home=shown.run.request.device)
    passing = {item.id for item in exercise.rubric if _judge_item(item, clean).status == "passed"}
    mistakes = dict.fromkeys((*(e.pitfall for e in graded.errors), *shown.experiment.neutralised_next))
    return _Proved(tuple(mistakes), frozenset(passing - lost))


def _because_of(item: RubricResult, proved: _Proved, share: float) -> RubricResult:
    """Say of an item that the mistakes of other items alone stood in its way: it earns a ``share`` of its
    points. A mistake's own item is lost."""
    if item.status == "passed" or item.id not in proved.passing:
        return item
    return item.model_copy(update={"because_of": proved.mistakes, "earned": share * item.points})


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


def _judge_item(item: RubricItem, graded: Graded) -> RubricResult:
    own = [finding for finding in graded.errors if graded.item_of(finding) == item.id]
    blocking = [f for f in graded.errors if item.id in catalogue()[f.pitfall].pitfall.blocks]
    if own:
        return _result(item, "failed", "; ".join(dict.fromkeys(f"{f.title}" for f in own)))
    if blocking:
        return _result(item, "blocked", f"Not judged: {_lower(blocking[0].title)}")
    if item.id == DEVICES:
        return _judge_devices(item, graded)
    if any(isinstance(run, CallEvidence) for run in graded.runs):
        return _judge_function(item, graded)
    seen = _witnessed(item, graded.at_home)
    if seen is None:
        return _result(item, "blocked", _blocked(graded.errors))
    if item.id == "coefficients" and not all(run.is_right for run in graded.at_home):
        errors = graded.errors
        because = f"This follows from: {_lower(errors[0].title)}" if errors else "They are off"
        return _result(item, "failed", because)
    return _result(item, "passed", seen)


def _judge_devices(item: RubricItem, graded: Graded) -> RubricResult:
    """Whether the submission does on every other device what it does at home."""
    if graded.at_home and graded.at_home[0].is_script:
        if all(run.returned_normally for run in graded.at_home):
            return _result(item, "passed", "A script picks its own device, as the lesson's does")
        return _result(item, "blocked", _blocked(graded.errors))
    if len(graded.environment.devices) < 2:
        return _one_device(item, graded)
    wrong = next((run for run in graded.away if not _is_as_at_home(run, graded)), None)
    if graded.away and wrong is None and not graded.never_taken_away:
        devices = dict.fromkeys(in_words(run.request.device) for run in graded.away)
        return _result(item, "passed", f"The same on {listing(tuple(devices))} as on {graded.home}")
    if graded.errors or wrong is None:
        return _result(item, "blocked", _blocked(graded.errors))
    return _result(item, "failed", f"On {in_words(wrong.request.device)} came {_answer(wrong)}")


def _is_as_at_home(run: Evidence, graded: Graded) -> bool:
    """Whether a run away from home came out right, or at least as it did at home."""
    if run.is_right:
        return True
    asked = run.request.model_copy(update={"device": graded.home})
    return any(run.came_out_as(other) for other in graded.at_home if other.request == asked)


def _answer(run: Evidence) -> str:
    """What came back, in a few words."""
    if isinstance(run, FitEvidence):
        return fitted(run.fit.names, run.recovered)
    if isinstance(run, CallEvidence) and run.returned:
        return kind_of(run.returned[0])
    return "nothing"


def _judge_function(item: RubricItem, graded: Graded) -> RubricResult:
    """A function's item: earned where every call of it was answered rightly."""
    runs = [run for run in graded.at_home if isinstance(run, CallEvidence) and run.case.item == item.id]
    if graded.needs_another_device(runs):
        return _one_device(item, graded)
    if runs and all(run.is_right for run in runs):
        calls = plural(sum(len(run.calls) for run in runs), "call")
        return _result(item, "passed", f"{calls}, each answered rightly, the first of them {runs[0].asked()}")
    errors = graded.errors_in(runs[0].entry.name if runs else None)
    if errors or not runs:
        return _result(item, "blocked", _blocked(errors or graded.errors))
    return _result(item, "failed", "Its answers are not the right ones")


def _one_device(item: RubricItem, graded: Graded) -> RubricResult:
    """Blocked, for there is no second device to look at."""
    device = graded.home or "no device"
    if graded.chosen:
        asked = RubricItem(item.id, item.title, 0)
        return _result(asked, "blocked", f"Not judged: graded on {device} alone, as was asked")
    torch = graded.environment.torch
    return _result(
        item,
        "blocked",
        f"Not judged: this machine has {device} alone, and torch {torch} cannot simulate another device"
        " (2.10 and newer can)",
    )


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


def _witnessed(item: RubricItem, runs: Sequence[Evidence]) -> str | None:
    witness = WITNESSES.get(item.id)
    if witness is None or not runs:
        return None
    seen = [witness(run) for run in runs]
    return seen[0] if all(s is not None for s in seen) else None


def _saw_coefficients(run: Evidence) -> str | None:
    if not isinstance(run, FitEvidence) or run.recovered is None:
        return None
    names = run.fit.names
    return f"{fitted(names, run.recovered)}; least squares: {fitted(names, run.fit.expected)}"


def _saw_shapes(run: Evidence) -> str | None:
    if not isinstance(run, FitEvidence):
        return None
    views = run.answer_tensors
    if views:
        kinds = dict.fromkeys(f"{view.dtype} of shape {shape(view.shape)}" for view in views)
        return "The fitted parameters are " + " and ".join(kinds)
    return "The fitted values were left as numbers" if run.is_script and run.recovered else None


def _saw_leaves(run: Evidence) -> str | None:
    if not isinstance(run, FitEvidence):
        return None
    if run.answer_tensors and (run.slots or run.uses_forward_mode):
        return "Every fitted parameter is a leaf that requires grad"
    if run.slots and (run.is_script or not run.returned_normally):
        names = ", ".join(run.name_of(slot) for slot in run.slots)
        return f"The backward pass reached the leaves {names}"
    return None


def _saw_zeroing(run: Evidence) -> str | None:
    if run.uses_forward_mode and run.is_right:
        return "Derivatives came forward, without a backward pass: there was nothing to clear"
    if run.pass_count < 2 or not run.slots:
        return None
    return f"No gradient was carried over in {run.pass_count} backward passes"


def _saw_updates(run: Evidence) -> str | None:
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


def _run_result(run: Evidence, picture: Picture | None) -> RunResult:
    told = RunResult(
        device=run.request.device,
        seed=run.request.seed,
        status=_status(run),
        seconds=run.report.seconds,
        recovered=None,
        expected=None,
        loss=(),
        stdout=run.report.stdout,
        stderr=run.report.stderr,
        repeat=run.repeat,
        picture=picture,
    )
    if isinstance(run, FitEvidence):
        return told.model_copy(update=_fit_told(run))
    return told.model_copy(update=_call_told(run)) if isinstance(run, CallEvidence) else told


def _fit_told(run: FitEvidence) -> dict[str, object]:
    return {
        "recovered": run.recovered,
        "expected": run.fit.expected,
        "loss": run.losses,
        "lr": run.fit.lr,
        "steps": run.fit.steps,
        "truth": run.fit.truth,
        "names": run.fit.names,
    }


def _call_told(run: CallEvidence) -> dict[str, object]:
    off = next(iter(run.off), None)
    call = off.call if off is not None else 0
    answered = kind_of(run.returned[call]) if call < len(run.returned) else ""
    if off is not None:
        answered = f"{off.difference.name}: {off.difference.got}, not {off.difference.wanted}"
    return {"entry": run.entry.name, "asked": run.asked(call), "answered": answered, "right": run.is_right}


def _status(run: Evidence) -> RunStatus:
    if run.trace is None:
        return "stopped"
    statuses: dict[str, RunStatus] = {"returned": "completed", "raised": "raised"}
    return statuses.get(run.trace.outcome, "exited")
