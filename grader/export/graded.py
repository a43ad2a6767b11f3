"""A result with the score that counts, and what every format says of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.adjustments import AdjustedScore
from grader.grade import DEVICES
from grader.records import Finding, Result, RubricResult
from grader.report import wording
from grader.report.wording import number
from grader.words import place

_LONGEST_TEXT = 4000


@dataclass(frozen=True)
class Graded:
    """One result, and what counts of it: the grader's score unless a person decided otherwise."""

    result: Result
    adjusted: AdjustedScore

    @property
    def name(self) -> str:
        return self.result.submission.name

    @property
    def student_id(self) -> str:
        return self.result.submission.student_id

    @property
    def score(self) -> float:
        """0 where there is none: see ``has_score``."""
        return self.adjusted.score or 0.0

    @property
    def has_score(self) -> bool:
        """Neither excused nor left without a grade."""
        return self.adjusted.score is not None

    @property
    def who(self) -> str:
        """The student, to be named to a person."""
        return f"{self.name} ({self.student_id})" if self.student_id else self.name

    @property
    def by_hand(self) -> str:
        """What a person decided or said, in a sentence; empty where nobody did."""
        by = f" by {self.adjusted.by}" if self.adjusted.by else ""
        told = f"{self.adjusted.told[:1].upper()}{self.adjusted.told[1:]}{by}" if self.adjusted.told else ""
        stop = "" if told.endswith(".") or not told else "."
        return f"{told}{stop} {self.adjusted.comment}".strip()


def points(graded: Graded) -> str:
    """``60 of 100 points``."""
    if graded.adjusted.excused:
        return "Excused"
    return f"{number(graded.score)} of {number(graded.result.max_score)} points"


def verdict(graded: Graded) -> str:
    """The score and how it went, in a line."""
    result = graded.result
    machine = wording.verdict(result)
    if result.status == "ungraded":
        machine = f"{machine} {result.reason or ''}".strip()
    if not graded.by_hand:
        return machine
    if not graded.adjusted.told:
        return f"{machine} {graded.by_hand}"
    return f"{points(graded)}. {graded.by_hand} By the grader: {machine}"


def findings_of(result: Result, item: RubricResult) -> list[Finding]:
    """The findings that an item of the rubric is about: on another device than the first, that of devices."""
    has_devices = any(each.id == DEVICES for each in result.rubric)
    home = result.runs[0].device if result.runs else None

    def item_of(finding: Finding) -> str:
        away = has_devices and finding.device not in (None, home)
        return DEVICES if away else finding.rubric

    return [finding for finding in result.findings if item_of(finding) == item.id]


def finding_lines(finding: Finding) -> list[str]:
    """All that is said of a finding where there is room: what, where, the numbers, the way out."""
    where = wording.where(finding)
    proof = [f"Put to the test: {wording.plain(finding.proof)}"] if finding.proof else []
    return [
        f"{finding.title or finding.pitfall} ({', '.join(filter(None, (finding.pitfall, where)))})",
        wording.plain(finding.message),
        *proof,
        f"To mend it: {wording.plain(finding.fix)}",
    ]


def item_lines(result: Result, item: RubricResult) -> list[str]:
    """What was seen of an item of the rubric, then its errors."""
    errors = [finding for finding in findings_of(result, item) if finding.severity == "error"]
    detail = [wording.plain(item.detail)] if item.detail else []
    detail += [f"{wording.plain(wording.because_of(item))}."] if item.because_of else []
    if item.status == "passed":
        return detail
    return detail + [line for finding in errors for line in finding_lines(finding)]


def remarks(result: Result) -> list[str]:
    """What cost no points and is worth a look; empty where nothing is."""
    warnings = [finding for finding in result.findings if finding.severity == "warning"]
    lines = [line for finding in warnings for line in finding_lines(finding)]
    return ["Worth a look, at no cost:", *lines] if lines else []


def file_line(finding: Finding) -> int | None:
    """The line of the file handed in; None for none, and for a notebook's, which is no line of its file."""
    return finding.line if isinstance(finding.line, int) else None


def with_place(finding: Finding) -> str:
    """The message and its proof, with the place before it where the format has no room for that elsewhere."""
    message = wording.plain(" ".join(filter(None, (finding.message, finding.proof))))
    if finding.line is None or isinstance(finding.line, int):
        return message
    where = place(finding.line)
    return f"{where[:1].upper()}{where[1:]}: {message}"


def printed(result: Result) -> str:
    """What the code printed in the first run in which it printed, the end of it."""
    run = next((run for run in result.runs if run.stdout.strip() or run.stderr.strip()), None)
    return (run.stdout + run.stderr)[-_LONGEST_TEXT:] if run is not None else ""


def listed(names: Sequence[str], most: int = 20) -> str:
    """Names in a sentence, the first of them where there are many."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
