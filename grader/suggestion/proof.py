"""Which of the changes that might mend a mistake does: each is run as the submission was, and judged.

Each costs a whole grading. There are at most ``MOST_RUNS`` of them a submission, none begun after
``MOST_SECONDS``, and none where the policy shows no suggestion, the submission passed, or nothing is known
that a few lines would mend.
"""

from __future__ import annotations

import heapq
import itertools
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from grader.exercise import Exercise
from grader.records import Finding, Place, Result, Submission, Suggestion
from grader.submission import form_of
from grader.suggestion.diff import diff_of, lines_changed
from grader.suggestion.mends import mends
from grader.suggestion.program import Program
from grader.suggestion.text import CannotEdit, Text

if TYPE_CHECKING:
    from grader.sandbox import Sandbox

SMALL = 4
"""Changes of up to so many lines are tried in the order in which they are proposed, larger ones later."""
MOST_LINES = 6
"""A change of more lines is a program of somebody else's."""
MOST_RUNS = 6
"""Gradings for all the mistakes of a submission together."""
MOST_RUNS_EACH = 4
MOST_SECONDS = 30.0
"""After so long no further one is begun: what never ends costs its time limit again."""
MOST_BYTES = 32 * 1024
"""Of a submission: a hand-written exercise is shorter, and looking through a text takes time."""
DEVICES = "devices"

GradeAgain = Callable[[Submission], Result]
"""Grades another text as the submission was graded: by the same sandbox, seeds and devices."""
Grade = Callable[[Submission, Exercise, "Sandbox"], Result]
Mistake = tuple[str, str | None]
"""A pitfall, and the function that it was found in."""


@dataclass
class _Budget:
    """What may still be run."""

    runs: int = MOST_RUNS
    until: float = field(default_factory=lambda: time.monotonic() + MOST_SECONDS)

    def take(self) -> bool:
        self.runs -= 1
        return self.runs >= 0 and time.monotonic() < self.until


def with_suggestions(
    result: Result, submission: Submission, exercise: Exercise, grade_again: GradeAgain, now: datetime
) -> Result:
    """The result, each of its errors with a change that was proved to mend it, where there is one and the
    exercise's policy lets it be shown at ``now``.

    Raises:
        SandboxError: no process could be kept to run it in: the grader's fault.
    """
    if result.status != "failed" or submission.problem or len(submission.source) > MOST_BYTES:
        return result
    if not exercise.policy.shows_suggestions(now):
        return result
    budget = _Budget()
    done: set[Mistake] = set()
    findings: list[Finding] = []
    for finding in result.findings:
        suggestion = None
        if finding.severity == "error" and mistake_of(finding) not in done:
            done.add(mistake_of(finding))
            suggestion = _Search(result, submission, exercise, grade_again, budget).mend(finding)
        findings.append(finding.model_copy(update={"suggestion": suggestion}))
    return result.model_copy(update={"findings": tuple(findings)})


def suggesting(grade_one: Grade, now: datetime) -> Grade:
    """``grade_one``, with suggestions in its results where policies let them be shown at ``now``."""

    def graded(submission: Submission, exercise: Exercise, sandbox: Sandbox) -> Result:
        result = grade_one(submission, exercise, sandbox)
        return with_suggestions(
            result, submission, exercise, lambda edited: grade_one(edited, exercise, sandbox), now
        )

    return graded


def mistake_of(finding: Finding) -> Mistake:
    return finding.pitfall, finding.entry


def mistakes(result: Result) -> set[Mistake]:
    """The errors of a result, wherever they are."""
    return {mistake_of(finding) for finding in result.findings if finding.severity == "error"}


@dataclass
class _Search:
    """The candidates for one mistake, those of the fewest lines first."""

    before: Result
    submission: Submission
    exercise: Exercise
    grade_again: GradeAgain
    budget: _Budget

    def mend(self, finding: Finding) -> Suggestion | None:
        count = itertools.count()
        waiting: list[tuple[int, int, str, bool]] = []
        seen: set[str] = set()

        def wait(sources: Iterable[str], *, are_first: bool) -> None:
            for source in sources:
                lines = lines_changed(self.submission.source, source)
                if source not in seen and lines <= MOST_LINES:
                    seen.add(source)
                    heapq.heappush(waiting, (max(lines, SMALL), next(count), source, are_first))

        wait(candidates(self.submission, self.exercise, finding), are_first=True)
        for _ in range(MOST_RUNS_EACH):
            if not waiting or not self.budget.take():
                return None
            *_, source, is_first = heapq.heappop(waiting)
            edited = self._edited(source)
            after = self.grade_again(edited)
            if mends_it(finding, self.before, after):
                return self._suggestion(finding, source, after)
            sequel = uncovered(finding, self.before, after) if is_first else None
            if sequel is not None:
                wait(candidates(edited, self.exercise, sequel), are_first=False)
        return None

    def _edited(self, source: str) -> Submission:
        """Under the same digest: the class's secret draws the same data for it."""
        return self.submission.model_copy(update={"source": source, "form": form_of(source, self.exercise)})

    def _suggestion(self, finding: Finding, source: str, after: Result) -> Suggestion:
        passed = {item.id for item in self.before.rubric if item.status == "passed"}
        return Suggestion(
            pitfall=finding.pitfall,
            diff=diff_of(self.submission, source),
            lines_changed=lines_changed(self.submission.source, source),
            passes=tuple(i.id for i in after.rubric if i.status == "passed" and i.id not in passed),
        )


def mends_it(finding: Finding, before: Result, after: Result) -> bool:
    """Whether a mistake is gone, everything passes that it had failed, and nothing has taken its place.

    Where it was the only one, everything passes. Beside others, its item passes, or was judged and lost to
    them alone: they are all still there, and answers are off as long as any mistake is.
    """
    others = mistakes(before) - {mistake_of(finding)}
    left = mistakes(after)
    if mistake_of(finding) in left or left - others:
        return False
    if not others:
        return after.status == "passed"
    status = {item.id: item.status for item in after.rubric}
    lost = any(item.status == "passed" and status.get(item.id) != "passed" for item in before.rubric)
    own = _cost(finding, before)
    lost_to_others = own != DEVICES and status.get(own) == "failed" and left == others
    return not lost and (status.get(own) == "passed" or lost_to_others)


def uncovered(finding: Finding, before: Result, after: Result) -> Finding | None:
    """The mistake that shows only now that another is out of the way."""
    if mistake_of(finding) in mistakes(after):
        return None
    new = mistakes(after) - mistakes(before)
    return next(iter(_errors(after, new)), None)


def _errors(result: Result, among: set[Mistake]) -> list[Finding]:
    return [f for f in result.findings if f.severity == "error" and mistake_of(f) in among]


def _cost(finding: Finding, result: Result) -> str:
    """The rubric item that a finding costs: what shows on another device alone costs that of the devices."""
    home = result.runs[0].device if result.runs else None
    has_item = any(item.id == DEVICES for item in result.rubric)
    return DEVICES if has_item and finding.device not in (None, home) else finding.rubric


def candidates(submission: Submission, exercise: Exercise, finding: Finding) -> list[str]:
    """Texts in which the mistake may be mended, each once, by a few lines, and each of them Python."""
    found: dict[str, None] = {}
    try:
        line = _line_of(finding.line, submission)
        program = Program(submission.source, exercise, line, finding.entry)
        for source in _proposed(program, finding):
            if source != submission.source and _is_python(source):
                found.setdefault(source)
    except CannotEdit:
        return []
    return [source for source in found if lines_changed(submission.source, source) <= MOST_LINES]


def _proposed(program: Program, finding: Finding) -> Iterator[str]:
    for mend in mends().get(finding.pitfall, ()):
        try:
            for change in mend(program, finding):
                yield program.text.with_changes(change)
        except CannotEdit:
            continue
        except Exception:  # noqa: BLE001, S112 - students' code has every shape; a suggestion may cost no grade
            continue


def _is_python(source: str) -> bool:
    try:
        Text(source)
    except CannotEdit:
        return False
    return True


def _line_of(place: Place | None, submission: Submission) -> int | None:
    """The line of the one source that is run."""
    if place is None or isinstance(place, int):
        return place
    cell = next((cell for cell in submission.cells if cell.cell == place.cell), None)
    return cell.first + place.line - 1 if cell else None
