"""Which runs a submission is graded by, in order: on every device, with every case of the exercise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.accelerators import SIMULATED
from grader.exercise import Case, Exercise
from grader.records import RunRequest, Submission

SCRIPT_SEED = 1
SCRIPT_SHIFTS = (0, 1009, 1009, 2017)
"""What is added to every seed that a script sets, run by run; one of the runs is made twice."""
MODULE = "submission.py"
"""The file that the child runs. The name that was handed in might shadow a module of Python's own."""


def plan(
    submission: Submission, exercise: Exercise, devices: Sequence[str], seeds: Sequence[int] = ()
) -> Iterator[tuple[RunRequest, Case | None]]:
    """The runs to make, in order."""
    if submission.form == "script":
        yield from ((request, None) for request in _script_requests(submission, exercise, seeds))
        return
    for device in devices:
        yield from _function_requests(submission, exercise, device, devices, seeds)


def _function_requests(
    submission: Submission, exercise: Exercise, device: str, devices: Sequence[str], seeds: Sequence[int]
) -> Iterator[tuple[RunRequest, Case]]:
    cases = exercise.cases(seeds)
    if device == SIMULATED:
        cases = tuple(dict.fromkeys(case for case in cases if not case.is_long))
    for case in cases:
        if case.at_home_only and device != devices[0]:
            continue
        yield function_request(submission, case, device), case


def function_request(submission: Submission, case: Case, device: str) -> RunRequest:
    """The run of one case of a function on one device."""
    return RunRequest(
        name=MODULE,
        source=submission.source,
        form="function",
        device=device,
        seed=case.seed,
        entry=case.entry,
        arguments=case.arguments,
        further=case.further,
        available=case.available,
        in_full=case.in_full,
        watch_from=case.watch_from,
        watch="full" if case.in_full else "adaptive",
        notebook=submission.is_notebook,
    )


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
            names=exercise.script_names,
            seed_shift=shift,
            notebook=submission.is_notebook,
        )
