"""How many of the mistakes that are made out of the model solutions a suggested change mends, and which not.

python -m benchmarks.suggestions [EXERCISE …] [--diffs]
"""

from __future__ import annotations

import argparse
import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from grader.exercise import Course, Exercise, find_course
from grader.mutations import Mutation, mutations
from grader.pipeline import grade
from grader.policy import Policy
from grader.records import Limits, Result, Submission
from grader.sandbox import Sandbox
from grader.submission import form_of
from grader.suggestion import with_suggestions
from grader.suggestion.proof import candidates

FEW = 3
"""The lines that a change may have to be counted."""
FITS = ("line", "quadratic")
PATIENCE = Limits(seconds=5.0)


@dataclass(frozen=True)
class Outcome:
    """What came of one mistake."""

    name: str
    pitfall: str
    lines: int | None
    """Of the change that mends it; None where there is none."""
    tried: int
    """How many programs were graded for it."""
    known: int
    """How many changes were known, before any was tried."""
    graded: float
    """Seconds of the grading itself, and below of all that the suggestion cost."""
    suggested: float
    diff: str

    @property
    def is_mended(self) -> bool:
        return self.lines is not None and self.lines <= FEW

    @property
    def why_not(self) -> str:
        if self.lines is not None:
            return f"mended by {self.lines} lines, which are more than {FEW}"
        return f"{self.tried} tried, none passes" if self.known else "no change of a few lines is known"


def main() -> None:
    """Print a row a mistake, the share, and what is left."""
    options = _options()
    outcomes = []
    with Sandbox(PATIENCE) as sandbox:
        for exercise in (find_course().exercise(name) for name in options.exercises or FITS):
            for outcome in _outcomes(find_course(), exercise, sandbox):
                outcomes.append(outcome)
                lines = "-" if outcome.lines is None else str(outcome.lines)
                print(f"{outcome.name:<60}{outcome.pitfall:<28}{lines:>3} lines{outcome.tried:>3} tried")
                if options.diffs:
                    print(outcome.diff)
    _sum_up(outcomes)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("exercises", nargs="*", metavar="EXERCISE", help=f"else {' and '.join(FITS)}")
    parser.add_argument("--diffs", action="store_true", help="print every change, too")
    return parser.parse_args()


def _outcomes(course: Course, exercise: Exercise, sandbox: Sandbox) -> Iterator[Outcome]:
    open_to_all = replace(exercise, policy=Policy(suggest="always"))
    for mistake in mutations(course.reference(exercise.id).read_text("utf-8"), exercise):
        outcome = _outcome(open_to_all, mistake, sandbox)
        if outcome is not None:
            yield outcome


def _outcome(exercise: Exercise, mistake: Mutation, sandbox: Sandbox) -> Outcome | None:
    """None for what costs nothing and so has nothing to mend."""
    submission = Submission(
        name=exercise.id,
        path=f"{exercise.id}.py",
        sha256=hashlib.sha256(mistake.source.encode()).hexdigest(),
        form=form_of(mistake.source, exercise),
        source=mistake.source,
    )
    tried = 0

    def grade_again(edited: Submission) -> Result:
        nonlocal tried
        tried += 1
        return grade(edited, exercise, sandbox)

    started = time.perf_counter()
    result = grade(submission, exercise, sandbox)
    graded = time.perf_counter()
    if result.status != "failed":
        return None
    found = with_suggestions(result, submission, exercise, grade_again, datetime.now(UTC))
    ended = time.perf_counter()
    error = next(finding for finding in found.findings if finding.severity == "error")
    suggestion = error.suggestion
    return Outcome(
        name=f"{exercise.id}: {mistake.name}",
        pitfall=error.pitfall,
        lines=suggestion.lines_changed if suggestion else None,
        tried=tried,
        known=len(candidates(submission, exercise, error)),
        graded=graded - started,
        suggested=ended - graded,
        diff=suggestion.diff if suggestion else "",
    )


def _sum_up(outcomes: list[Outcome]) -> None:
    mended = [outcome for outcome in outcomes if outcome.is_mended]
    share = len(mended) / len(outcomes)
    print(f"\n{len(mended)} of {len(outcomes)} ({share:.0%}) are mended by a change of at most {FEW} lines")
    tried = sum(outcome.tried for outcome in outcomes)
    graded = sum(outcome.graded for outcome in outcomes)
    suggested = sum(outcome.suggested for outcome in outcomes)
    print(
        f"gradings for suggestions: {tried / len(outcomes):.2f} a mistake, at most"
        f" {max(outcome.tried for outcome in outcomes)}; {suggested:.1f} s beside {graded:.1f} s of grading"
    )
    for outcome in outcomes:
        if not outcome.is_mended:
            print(f"not: {outcome.name} ({outcome.pitfall}): {outcome.why_not}")


if __name__ == "__main__":
    main()
