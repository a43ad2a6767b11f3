"""The one function that calls the stages in turn.

submission -> run (isolated child: trace) -> evidence -> pitfalls -> grade
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from grader.errors import SandboxError, UnknownDevice
from grader.evidence import RunEvidence
from grader.exercise import Case, Exercise
from grader.findings import judge
from grader.fit import function_fit, script_fit
from grader.grade import grade_runs
from grader.records import (
    ChildReport,
    Environment,
    PlainArgument,
    Raised,
    Result,
    RunRequest,
    Submission,
    Trace,
)
from grader.secret import hidden_seeds
from grader.source import Source

if TYPE_CHECKING:
    from grader.sandbox import Sandbox

SCRIPT_SEED = 1
SCRIPT_SHIFTS = (0, 1009, 1009, 2017)
"""What is added to every seed that a script sets, run by run; one of the runs is made twice."""
SIMULATED = "sim"
"""Graded on only where it is asked for: no rubric item rests on it yet."""
SIMULATED_STEPS = 80
"""A step there costs about five times what it costs on the CPU: only the short runs are made."""
SHORT = 20
"""The steps of a run that is made to see why another took too long."""
SHORT_SECONDS = 5.0
MODULE = "submission.py"
"""The file that the child runs. The name that was handed in might shadow a module of Python's own."""


def grade(
    submission: Submission,
    exercise: Exercise,
    sandbox: Sandbox,
    *,
    devices: Sequence[str] = (),
    seeds: Sequence[int] = (),
    secret: bytes = b"",
) -> Result:
    """Run one submission on every device (or those named) and say what it does.

    ``seeds`` replace the exercise's own; so does a class's ``secret``, with some that nobody knows.

    Whatever the submission does, this returns a result.

    Raises:
        UnknownDevice: a device that is not on this machine was named.
        SandboxError: no process could be kept to run it in: the grader's fault.
    """
    chosen = _devices(sandbox, devices)
    seeds = seeds or hidden_seeds(secret, exercise.id, submission.sha256)
    runs = _runs(submission, exercise, sandbox, chosen, seeds)
    findings = judge([*runs, *_shortened(exercise, sandbox, runs)])
    return grade_runs(submission, exercise, runs, findings, _environment(sandbox, chosen))


def _runs(
    submission: Submission,
    exercise: Exercise,
    sandbox: Sandbox,
    devices: Sequence[str],
    seeds: Sequence[int],
) -> list[RunEvidence]:
    runs: list[RunEvidence] = []
    for request, case in plan(submission, exercise, devices, seeds):
        if submission.problem is not None:
            return [unreadable(exercise, request, submission.problem)]
        run = run_once(sandbox, exercise, request, case)
        runs.append(replace(run, repeat=any(same_question(run, earlier) for earlier in runs)))
        if is_hopeless(runs[-1]):
            break
    return runs


def _shortened(exercise: Exercise, sandbox: Sandbox, runs: Sequence[RunEvidence]) -> list[RunEvidence]:
    """A few steps of a run that took too long, or too much memory: of the run itself nothing was seen, and
    its cause may show in them (a graph that grows, a loop over the data). They earn nothing."""
    last = runs[-1] if runs else None
    if last is None or last.report.ending not in ("time", "memory") or last.request.entry is None:
        return []
    arguments = list(last.request.arguments)
    arguments[-1] = PlainArgument(value=SHORT)
    request = last.request.model_copy(update={"arguments": tuple(arguments), "watch_from": SHORT - 1})
    seconds = min(SHORT_SECONDS, sandbox.limits.seconds)
    report = sandbox.run(request, sandbox.limits.model_copy(update={"seconds": seconds}))
    return [replace(last, request=request, report=report)] if report.trace else []


def unreadable(exercise: Exercise, request: RunRequest, problem: str) -> RunEvidence:
    """The evidence of a submission that is no Python text: nothing is run."""
    raised = Raised(type="SyntaxError", message=problem, line=None)
    trace = Trace(outcome="raised", stage="import", raised=raised, seconds=0, torch="", python="")
    report = ChildReport(ending="complete", trace=trace, seconds=0)
    fit = script_fit(exercise, trace)
    return RunEvidence(request=request, report=report, fit=fit, source=Source(""))


def plan(
    submission: Submission, exercise: Exercise, devices: Sequence[str], seeds: Sequence[int] = ()
) -> Iterator[tuple[RunRequest, Case | None]]:
    """The runs to make, in order."""
    if submission.form == "script":
        yield from ((request, None) for request in _script_requests(submission, exercise, seeds))
        return
    for device in devices:
        yield from _function_requests(submission, exercise, device, seeds)


def _function_requests(
    submission: Submission, exercise: Exercise, device: str, seeds: Sequence[int]
) -> Iterator[tuple[RunRequest, Case]]:
    for case in exercise.cases(seeds):
        if device == SIMULATED and case.steps > SIMULATED_STEPS:
            continue
        request = RunRequest(
            name=MODULE,
            source=submission.source,
            form="function",
            device=device,
            seed=case.seed,
            entry=case.entry,
            arguments=case.arguments,
            watch_from=case.steps - 1,
        )
        yield request, case


def _script_requests(
    submission: Submission, exercise: Exercise, seeds: Sequence[int]
) -> Iterator[RunRequest]:
    """A script picks its own device and makes its own data: it is run once a seed, not once a device."""
    first = seeds[0] if seeds else SCRIPT_SEED
    for shift in SCRIPT_SHIFTS:
        yield RunRequest(
            name=MODULE,
            source=submission.source,
            form="script",
            device="cpu",
            seed=first + shift,
            entry=None,
            names=exercise.names,
            seed_shift=shift,
        )


def run_once(sandbox: Sandbox, exercise: Exercise, request: RunRequest, case: Case | None) -> RunEvidence:
    """Make one run, and look again where the end of it was watched from too far off.

    Raises:
        SandboxError: the warm process died under the run, twice.
    """
    report = _run(sandbox, request)
    again = closer(request, report.trace)
    if again is not None:
        report = _run(sandbox, again)
    fit = function_fit(exercise, case) if case else script_fit(exercise, report.trace)
    return RunEvidence(
        request=request,
        report=report,
        fit=fit,
        source=Source(request.source),
    )


def _run(sandbox: Sandbox, request: RunRequest) -> ChildReport:
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


def same_question(run: RunEvidence, other: RunEvidence) -> bool:
    """Whether two runs were asked the very same: what differs between them, no seed governs."""
    return run.request.model_copy(update={"watch_from": None}) == other.request.model_copy(
        update={"watch_from": None}
    )


def is_hopeless(run: RunEvidence) -> bool:
    """Whether a run ended so that further runs would only end so again."""
    return not run.returned_normally or run.recovered is None


def _devices(sandbox: Sandbox, named: Sequence[str]) -> tuple[str, ...]:
    known = sandbox.devices()
    for name in named:
        if name not in known:
            raise UnknownDevice(name, known)
    return tuple(dict.fromkeys(named)) or tuple(name for name in known if name != SIMULATED)


def _environment(sandbox: Sandbox, devices: Sequence[str]) -> Environment:
    versions = sandbox.versions
    return Environment(
        torch=versions.torch,
        python=versions.python,
        devices=tuple(devices),
        isolation=sandbox.isolation,
    )
