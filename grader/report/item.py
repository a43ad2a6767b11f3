"""Why one rubric item was not earned, as plain text: for a test's failure in a CI's log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.clean import one_line, terminal
from grader.grade import DEVICES
from grader.records import Finding, Result, RubricResult
from grader.report import wording


@dataclass(frozen=True)
class Unearned:
    """Why a rubric item was not earned."""

    summary: str
    """One line."""
    text: str
    line: int | None
    """The line of a Python file to begin with; None for a notebook, whose text names cell and line."""


def unearned(result: Result, item_id: str) -> Unearned | None:
    """Why an item was not earned; None for one that was.

    An error that costs no item of the rubric is counted against the first: every item earned must mean that
    the submission has passed.
    """
    item = next(item for item in result.rubric if item.id == item_id)
    own = [error for error in _errors(result) if _item_of(result, error) == item_id]
    if item is result.rubric[0]:
        known = {other.id for other in result.rubric}
        own += [error for error in _errors(result) if _item_of(result, error) not in known]
    if result.status != "ungraded" and item.status == "passed" and not own:
        return None
    cause = own[0] if own else wording.first_cause(result)
    line = cause.line if cause is not None and isinstance(cause.line, int) else None
    return Unearned(_summary(result, item, own), _text(result, item, own), line)


def _errors(result: Result) -> list[Finding]:
    return [finding for finding in result.findings if finding.severity == "error"]


def _item_of(result: Result, error: Finding) -> str:
    """The item that an error costs: what shows on another device alone is a matter of devices."""
    home = result.runs[0].device if result.runs else None
    has_item = any(item.id == DEVICES for item in result.rubric)
    return DEVICES if has_item and error.device not in (None, home) else error.rubric


def _summary(result: Result, item: RubricResult, own: Sequence[Finding]) -> str:
    if result.status == "ungraded":
        return one_line(f"not graded: {result.reason}")
    if not own:
        return one_line(f"{wording.STATUS[item.status][1]}: {wording.plain(item.detail)}")
    return one_line(f"{own[0].pitfall}: {wording.plain(own[0].title or own[0].message)}")


def _text(result: Result, item: RubricResult, own: Sequence[Finding]) -> str:
    return terminal("\n".join(_lines(result, item, own))).plain


def _lines(result: Result, item: RubricResult, own: Sequence[Finding]) -> Iterator[str]:
    word = wording.STATUS[item.status][1] if result.status != "ungraded" else "not graded"
    yield f"{item.title}: {word}, {wording.number(item.earned)} of {wording.number(item.points)} points"
    if result.status == "ungraded":
        yield f"This says nothing about the code. {result.reason}"
        return
    for finding in own:
        yield ""
        yield from _finding(result, finding)
    cause = wording.first_cause(result)
    if own:
        return
    yield item.detail
    if cause is not None:
        yield f"Mend this first: {cause.title or cause.pitfall} ({cause.pitfall}, {wording.where(cause)})"


def _finding(result: Result, finding: Finding) -> Iterator[str]:
    yield f"{finding.title or finding.pitfall} ({', '.join(_place(finding))})"
    for line in wording.excerpt(result, finding):
        yield f"  {'>' if line.marked else ' '} {line.number:>4} | {line.text}"
    yield finding.message
    if differs := wording.differs(result, finding):
        yield differs
    for key, value in finding.evidence.items():
        yield f"  {wording.evidence_name(key)}: {wording.evidence_value(value, key)}"
    yield f"To mend it: {finding.fix}"
    yield f"More about it: grader explain {finding.pitfall}"


def _place(finding: Finding) -> Iterator[str]:
    yield finding.pitfall
    if where := wording.where(finding):
        yield where
