"""Makes the runs that a submission is graded by, and those that show more of what went wrong in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from grader.accelerators import SIMULATED, named_accelerator
from grader.ahead import Runs, ahead
from grader.call_evidence import CallEvidence
from grader.calls import CallCase, FunctionExercise
from grader.curve import CurveFit, FitCase
from grader.errors import SandboxError
from grader.evidence import Evidence, FitEvidence
from grader.exercise import Case, Exercise
from grader.fit import function_fit, script_fit
from grader.planning import function_request, plan
from grader.records import ChildReport, PlainArgument, Raised, RunRequest, Submission, Trace
from grader.source import Source

if TYPE_CHECKING:
    from grader.sandbox import Sandbox, Sitting

SHORT = 20
"""The steps of a run that is made to see why another took too long."""
SHORT_SECONDS = 5.0


def run_all(
    submission: Submission,
    exercise: Exercise,
    sitting: Sitting,
    devices: Sequence[str],
    seeds: Sequence[int],
    at_once: int = 1,
) -> list[Evidence]:
    """Every run that is to be made, ``at_once`` of them side by side at most. A function whose first run
    comes to nothing is not run again: it would only come to nothing again."""
    planned = list(plan(submission, exercise, devices, seeds))
    source = Source(submission.source, submission.cells)
    if submission.problem is not None:
        run = unreadable(exercise, *planned[0], submission.problem, submission.problem_line)
        return [replace(run, source=source)]
    runs: list[Evidence] = []
    hopeless: set[str | None] = set()
    with ahead(sitting, [request for request, _ in planned], at_once) as side_by_side:
        for request, case in planned:
            if request.entry in hopeless:
                continue
            run = run_once(side_by_side, exercise, request, case, source)
            runs.append(replace(run, repeat=any(same_question(run, earlier) for earlier in runs)))
            if not run.is_answered:
                hopeless.add(request.entry)
                if run.never_began:
                    break
    return runs


def shortened(exercise: Exercise, sandbox: Sandbox, runs: Sequence[Evidence]) -> list[Evidence]:
    """A few steps of a run that took too long, or too much memory: of the run itself nothing was seen, and
    its cause may show in them (a graph that grows, a loop over the data). They earn nothing."""
    last = runs[-1] if runs else None
    if not isinstance(last, FitEvidence) or last.report.ending not in ("time", "memory"):
        return []
    if last.request.entry is None:
        return []
    arguments = list(last.request.arguments)
    arguments[-1] = PlainArgument(value=SHORT)
    request = last.request.model_copy(update={"arguments": tuple(arguments), "watch_from": SHORT - 1})
    seconds = min(SHORT_SECONDS, sandbox.limits.seconds)
    report = sandbox.run(request, sandbox.limits.model_copy(update={"seconds": seconds}))
    return [replace(last, request=request, report=report)] if report.trace else []


def with_stand_in(
    submission: Submission, exercise: Exercise, sandbox: Sandbox, runs: Sequence[Evidence]
) -> tuple[list[Evidence], list[Evidence]]:
    """The runs, each that stopped at an accelerator that it named and this machine has not with what the
    program does with the simulated one in its place: with the data on the CPU, and there.

    Beside them the runs with the data there, which show what else is wrong. They earn nothing.
    """
    told: list[Evidence] = []
    stood_in: list[Evidence] = []
    for run in runs:
        elsewhere = _elsewhere(submission, exercise, sandbox, run)
        told.append(replace(run, elsewhere=elsewhere) if elsewhere else run)
        stood_in += elsewhere[1:]
    return told, stood_in


def _elsewhere(
    submission: Submission, exercise: Exercise, sandbox: Sandbox, run: Evidence
) -> tuple[Evidence, ...]:
    if named_accelerator(run.raising_event) is None or run.is_script or SIMULATED not in sandbox.devices():
        return ()
    cases = (case for case in exercise.cases((run.request.seed,)) if case.entry == run.request.entry)
    case = next(case for case in cases if not case.is_long)
    return tuple(
        run_once(sandbox, exercise, _stand_in_request(submission, case, device), case, run.source)
        for device in ("cpu", SIMULATED)
    )


def _stand_in_request(submission: Submission, case: Case, device: str) -> RunRequest:
    request = function_request(submission, case, device)
    return request.model_copy(update={"stand_in": True, "watch": "full"})


def unreadable(
    exercise: Exercise, request: RunRequest, case: Case | None, problem: str, line: int | None = None
) -> Evidence:
    """The evidence of a submission that is no Python text: nothing is run."""
    request = request.model_copy(update={"source": ""})
    raised = Raised(type="SyntaxError", message=problem, line=line)
    trace = Trace(outcome="raised", stage="import", raised=raised, seconds=0, torch="", python="")
    report = ChildReport(ending="complete", trace=trace, seconds=0)
    return evidence(exercise, request, report, case)


def evidence(
    exercise: Exercise,
    request: RunRequest,
    report: ChildReport,
    case: Case | None,
    source: Source | None = None,
) -> Evidence:
    """What a run is judged by: what was asked, what was seen, and what the parent alone knows.

    Raises:
        TypeError: the case is not one of the exercise's own.
    """
    source = source or Source(request.source)
    if isinstance(exercise, FunctionExercise) and isinstance(case, CallCase):
        entry = exercise.entry(case.entry)
        return CallEvidence(request=request, report=report, source=source, case=case, entry=entry)
    if isinstance(exercise, CurveFit) and isinstance(case, FitCase | None):
        fit = function_fit(exercise, case) if case else script_fit(exercise, report.trace)
        return FitEvidence(request=request, report=report, source=source, fit=fit)
    raise TypeError(f"{type(case).__name__} is no case of {type(exercise).__name__}")


def run_once(
    sandbox: Runs,
    exercise: Exercise,
    request: RunRequest,
    case: Case | None,
    source: Source | None = None,
) -> Evidence:
    """Make one run, and look again where the end of it was watched from too far off. ``source`` is the
    program, where it has been read already.

    Raises:
        SandboxError: the warm process died under the run, twice.
    """
    report = _run(sandbox, request)
    again = closer(request, report.trace)
    if again is not None:
        report = _run(sandbox, again)
    return evidence(exercise, request, report, case, source)


def _run(sandbox: Runs, request: RunRequest) -> ChildReport:
    report = sandbox.run(request)
    if report.ending == "lost":
        raise SandboxError(f"The process that runs submissions was lost: {report.detail}")
    return report


def closer(request: RunRequest, trace: Trace | None) -> RunRequest | None:
    """The same run with its end watched closely, where it ended otherwise than was foreseen: by an
    exception, or after fewer steps than were asked for."""
    if trace is None or trace.backward_count <= 6 or request.watch != "adaptive":
        return None
    watched = request.watch_from is not None and trace.backward_count >= request.watch_from
    if watched:
        return None
    return request.model_copy(update={"watch_from": max(1, trace.backward_count - 1)})


def same_question(run: Evidence, other: Evidence) -> bool:
    """Whether two runs were asked the very same: what differs between them, no seed governs."""
    return run.request.model_copy(update={"watch_from": None}) == other.request.model_copy(
        update={"watch_from": None}
    )
