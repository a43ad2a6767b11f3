"""Makes a run of a submission once more, its unchanged code with some of its mistakes neutralised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.curve import FitCase
from grader.evidence import Evidence, FitEvidence
from grader.exercise import Case, Exercise
from grader.planning import function_request
from grader.records import ChildReport, Intervention, Limits, RunRequest, Submission
from grader.running import run_once

if TYPE_CHECKING:
    from grader.sandbox import Sitting

MOST_SECONDS = 10.0
"""How long one experiment may run: the code that it is made of may never end, once it gets so far."""
NEARER = 0.5
"""What is left of the distance to the right answer where an intervention has helped, at most."""
WATCHED_IN_FULL = frozenset({"backward-after"})
"""A pass that is made within a call cannot change how closely the loop is watched."""


@dataclass(frozen=True)
class Retry:
    """Makes the runs; ``seeds`` are those that the submission is graded with."""

    submission: Submission
    exercise: Exercise
    sitting: Sitting
    seeds: Sequence[int]

    def __call__(self, first: Evidence, interventions: Sequence[Intervention]) -> Evidence:
        """A run like ``first``, or a shorter one of the same question.

        Raises:
            SandboxError: the warm process died under the run, twice.
        """
        case = self._case(first, interventions)
        asked = (
            first.request if case is None else function_request(self.submission, case, first.request.device)
        )
        request = _intervened(asked, interventions)
        return run_once(self, self.exercise, request, case, first.source)

    def run(self, request: RunRequest, limits: Limits | None = None) -> ChildReport:
        """One run, which may take no longer than an experiment is worth."""
        limits = limits or self.sitting.limits
        seconds = min(limits.seconds, MOST_SECONDS)
        return self.sitting.run(request, limits.model_copy(update={"seconds": seconds}))

    def _case(self, first: Evidence, interventions: Sequence[Intervention]) -> Case | None:
        """The case to try: the shortest one, where nothing that is done depends on the case that was seen."""
        if first.is_script:
            return None
        cases = [case for case in self.exercise.cases(self.seeds) if case.entry == first.request.entry]
        own = next((case for case in cases if _is_of(case, first.request)), cases[0])
        short = [case for case in cases if isinstance(case, FitCase)]
        if not short or any(each.number is not None for each in interventions):
            return own
        return min(short, key=lambda case: case.steps)


def _is_of(case: Case, request: RunRequest) -> bool:
    return case.seed == request.seed and case.arguments == request.arguments


def _intervened(request: RunRequest, interventions: Sequence[Intervention]) -> RunRequest:
    in_full = any(each.kind in WATCHED_IN_FULL for each in interventions)
    watch = "full" if in_full else request.watch
    return request.model_copy(update={"interventions": tuple(interventions), "watch": watch})


def same_answer(made: Evidence, first: Evidence) -> bool:
    """Whether nothing came out otherwise: the same answer, or the same exception at the same place."""
    if made.returned_normally and first.returned_normally:
        return not _is_nearer(made, first) and (made.came_out_as(first) or not _same_data(made, first))
    one, other = made.raised, first.raised
    if one is None or other is None:
        return made.report.ending == first.report.ending and made.returned_normally == first.returned_normally
    return (one.type, one.line, one.after) == (other.type, other.line, other.after)


def _is_nearer(made: Evidence, first: Evidence) -> bool:
    """Whether an answer is right, or by far nearer to what is right for its own data than the other was."""
    before, after = _distance(first), _distance(made)
    if before is None or after is None:
        return made.is_right and not first.is_right
    return after < NEARER * before


def _distance(run: Evidence) -> float | None:
    if not isinstance(run, FitEvidence) or run.recovered is None:
        return None
    return max(abs(a - b) for a, b in zip(run.recovered, run.fit.expected, strict=True))


def _same_data(made: Evidence, first: Evidence) -> bool:
    if isinstance(made, FitEvidence) and isinstance(first, FitEvidence):
        return made.fit.expected == first.fit.expected
    return True
