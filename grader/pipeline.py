"""The one function that calls the stages in turn.

submission -> run (isolated child: trace) -> evidence -> pitfalls -> experiments -> grade
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from grader.confirming import told
from grader.errors import UnknownDevice
from grader.exercise import Exercise
from grader.experiment import experiments
from grader.findings import judged
from grader.grade import grade_runs
from grader.pitfall import catalogue
from grader.records import Environment, Result, Submission
from grader.retrying import Retry
from grader.running import run_all, shortened, with_stand_in
from grader.secret import hidden_seeds

if TYPE_CHECKING:
    from grader.sandbox import Sandbox


def grade(
    submission: Submission,
    exercise: Exercise,
    sandbox: Sandbox,
    *,
    devices: Sequence[str] = (),
    seeds: Sequence[int] = (),
    secret: bytes = b"",
    at_once: int = 1,
) -> Result:
    """Run one submission on every device (or those named) and say what it does.

    ``seeds`` replace the exercise's own; so does a class's ``secret``, with some that nobody knows.
    ``at_once`` is how many runs may go on side by side.

    Whatever the submission does, this returns a result.

    Raises:
        UnknownDevice: a device that is not on this machine was named.
        SandboxError: no process could be kept to run it in: the grader's fault.
    """
    chosen = _devices(sandbox, devices)
    seeds = seeds or hidden_seeds(secret, exercise.id, submission.sha256)
    with sandbox.sitting() as sitting:
        runs = run_all(submission, exercise, sitting, chosen, seeds, at_once)
        runs, stood_in = with_stand_in(submission, exercise, sandbox, runs)
        found = judged([*runs, *shortened(exercise, sandbox, runs), *stood_in])
        tried = experiments(found, Retry(submission, exercise, sitting, seeds))
    environment = _environment(sandbox, chosen)
    findings = told(found, tried)
    return grade_runs(submission, exercise, runs, findings, environment, chosen=bool(devices), tried=tried)


def get_ready(exercise: Exercise) -> None:
    """Load what will be needed, while a sandbox is starting."""
    exercise.cases()
    catalogue()


def _devices(sandbox: Sandbox, named: Sequence[str]) -> tuple[str, ...]:
    known = sandbox.devices()
    for name in named:
        if name not in known:
            raise UnknownDevice(name, known)
    return tuple(dict.fromkeys(named)) or known


def _environment(sandbox: Sandbox, devices: Sequence[str]) -> Environment:
    versions = sandbox.versions
    return Environment(
        torch=versions.torch,
        python=versions.python,
        devices=tuple(devices),
        isolation=sandbox.isolation,
        limits=sandbox.limits,
    )
