"""The words that every format shares: verdicts, places, numbers. No tags and no colours."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeGuard

from grader.accelerators import in_words
from grader.records import CellLine, Finding, Place, Result, RubricResult, RunResult
from grader.words import code, place, plural

STATUS = {
    "passed": ("✓", "passed"),
    "failed": ("✗", "not passed"),
    "blocked": ("–", "blocked"),
    "ungraded": ("–", "not graded"),
}
"""A symbol and a word for every status; a symbol never stands alone."""

_EVIDENCE_ITEMS = 8
_TORCH_NAMES = re.compile(r"\b(grad fn|requires grad|is leaf|retain graph|no grad)\b")
_SHAPES = frozenset({"shape", "shapes", "left", "right", "result", "targets"})
"""The keys whose lists of whole numbers are shapes."""


def whose(result: Result) -> tuple[str, ...]:
    """Whose result it is, and of what; a file that is called as the exercise is says both."""
    return tuple(dict.fromkeys((result.submission.name, result.exercise)))


NEXT = "Next, once that is mended"


def first_words(result: Result, cause: Finding) -> str:
    """What a cause is introduced by: one that made no difference when it was neutralised is a lead."""
    place = result.findings.index(cause)
    of_it = [experiment for experiment in result.experiments if place in experiment.neutralised]
    helped = any(experiment.works or experiment.helped for experiment in of_it)
    return "Look here first" if of_it and not helped and not cause.confirmed else "Mend this first"


def because_of(item: RubricResult) -> str:
    """That an item passes once the mistakes of other items are mended, and what it earns for it."""
    share = f": it earns {number(item.earned)} for that" if item.earned else ""
    verb = "is" if len(item.because_of) == 1 else "are"
    return f"Passes once {code(item.because_of)} {verb} mended{share}"


def next_findings(result: Result) -> tuple[Finding, ...]:
    """What only showed with the first mistakes out of the way; each once."""
    found = {(f.pitfall, str(f.line)): f for e in result.experiments for f in e.next}
    return tuple(found.values())


@dataclass(frozen=True)
class Span:
    """A stretch of a message; what stood between backticks is code."""

    text: str
    code: bool = False


@dataclass(frozen=True)
class SourceLine:
    """One line of the submission. ``number`` counts within its cell where it is a notebook's."""

    number: int
    text: str
    marked: bool = False
    cell: int | None = None

    @property
    def place(self) -> Place:
        """Where a finding would say that it is."""
        return self.number if self.cell is None else CellLine(cell=self.cell, line=self.number)


def first_cause(result: Result) -> Finding | None:
    """The one thing to mend first: the first finding that is an error."""
    return next((f for f in result.findings if f.severity == "error"), None)


def other_findings(result: Result) -> tuple[Finding, ...]:
    """All findings but the first cause, in order."""
    first = first_cause(result)
    return tuple(f for f in result.findings if f is not first)


def headline(result: Result) -> str:
    """How it went and, where it did not go well, where to begin."""
    if result.status == "ungraded":
        return "Not graded. This says nothing about the code."
    if result.status == "passed":
        return "Passed: everything that was asked for is there."
    cause = first_cause(result)
    if cause is None:
        return "Not passed yet."
    start = place(cause.line) if cause.line is not None else "what is below"
    return f"Not passed yet. Begin with {start}."


def tally(result: Result) -> str:
    """``4 of 6 items passed, 1 did not, 1 could not be judged.``"""
    counts = Counter(item.status for item in result.rubric)
    words = f"{counts['passed']} of {plural(len(result.rubric), 'item')} passed"
    words += f", {counts['failed']} did not" if counts["failed"] else ""
    return f"{words}, {counts['blocked']} could not be judged." if counts["blocked"] else f"{words}."


def verdict(result: Result) -> str:
    """The headline with the score before it."""
    if result.status == "ungraded":
        return headline(result)
    return f"{number(result.score)} of {number(result.max_score)} points. {headline(result)}"


def praise(result: Result) -> str:
    """What was done well, from this result's own numbers."""
    clean = "Nothing was found to mend." if not result.findings else "Nothing that costs points."
    if result.runs and result.runs[0].entry:
        devices = len({run.device for run in result.runs})
        where = f" on {devices} devices" if devices > 1 else ""
        return (
            f"{len(result.runs)} runs with data you had not seen{where}, and every answer was right. {clean}"
        )
    distance = largest_distance(result.runs)
    if distance is None:
        return clean
    runs = "In one run" if len(result.runs) == 1 else f"In {len(result.runs)} runs"
    return (
        f"{runs} on data you had not seen, every parameter came within {number(distance)} of the"
        f" least-squares answer. {clean}"
    )


def largest_distance(runs: Sequence[RunResult]) -> float | None:
    """How far the worst recovered parameter is from what was expected; None where none compares."""
    distances = [
        abs(got - want)
        for run in runs
        if run.recovered and run.expected
        for got, want in zip(run.recovered, run.expected, strict=False)
    ]
    return max(distances) if distances and all(map(math.isfinite, distances)) else None


def where(finding: Finding) -> str:
    """``line 14, step 2, on cpu, seed 101``: as much of it as is known."""
    parts = [
        place(finding.line) if finding.line is not None else "",
        f"step {finding.step}" if finding.step is not None else "",
        f"on {in_words(finding.device)}" if finding.device else "",
        f"seed {finding.seed}" if finding.seed is not None else "",
    ]
    return ", ".join(part for part in parts if part)


def run_name(run: RunResult) -> str:
    """``cpu, seed 101``, and whether it is the second run of one seed."""
    return f"{in_words(run.device)}, seed {run.seed}" + (" again" if run.repeat else "")


def devices(result: Result) -> str:
    """``cpu, sim (simulated)``; empty where nothing ran."""
    return ", ".join(map(in_words, result.environment.devices))


def differs(result: Result, finding: Finding) -> str:
    """That a finding shows on one device and not on another, where it is so."""
    home = result.runs[0].device if result.runs else None
    if finding.device in (None, home):
        return ""
    return (
        f"This does not show on {home}, where your code ran to its end: only where the data are on"
        f" another device, as here on {in_words(finding.device or '')}."
    )


@dataclass(frozen=True)
class CallRow:
    """The runs of one function on one device."""

    function: str
    device: str
    runs: str
    right: bool
    first_wrong: str
    """The first call that was not answered rightly, and what came back; empty where all were."""


def call_rows(result: Result) -> tuple[CallRow, ...]:
    """A row for each function and device, in the order of the runs."""
    groups: dict[tuple[str, str], list[RunResult]] = {}
    for run in result.runs:
        groups.setdefault((run.entry or "", run.device), []).append(run)
    return tuple(_call_row(function, device, runs) for (function, device), runs in groups.items())


def _call_row(function: str, device: str, runs: Sequence[RunResult]) -> CallRow:
    wrong = next((run for run in runs if not run.right), None)
    right = sum(bool(run.right) for run in runs)
    told = ""
    if wrong is not None:
        told = f"{wrong.asked}: {wrong.answered or wrong.status}"
    return CallRow(function, in_words(device), f"{right} of {len(runs)} right", wrong is None, told)


def number(value: float) -> str:
    """A number as short as it can be read: ``40``, ``0.0003``, ``-7.09``, ``1.2e+30``."""
    if not math.isfinite(value):
        return "nan" if math.isnan(value) else ("inf" if value > 0 else "-inf")
    if value == int(value) and abs(value) < 1e6:
        return str(int(value))
    return f"{value:.4g}"


def coefficient(value: float) -> str:
    """A number of a column: four decimals where they fit, so that digits stand under digits."""
    if not math.isfinite(value):
        return number(value)
    if abs(value) >= 1e4:
        return f"{value:.3e}"
    return f"{round(value, 4) + 0.0:.4f}"  # + 0.0 makes a zero of a negative zero


def evidence_name(key: str) -> str:
    """A key of a finding's evidence in plain words; the names that torch gives stay what they are."""
    return _TORCH_NAMES.sub(lambda name: name.group().replace(" ", "_"), key.replace("_", " "))


def evidence_value(value: object, key: str = "") -> str:
    """One value of a finding's evidence, abbreviated."""
    if key in _SHAPES and _is_shape(value):
        return str(tuple(value))
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "none"}[value]
    if isinstance(value, int | float):
        return number(value) if isinstance(value, float) else str(value)
    if isinstance(value, Mapping):
        return _joined([f"{name}: {_nested(item, key)}" for name, item in value.items()])
    if isinstance(value, Sequence) and not isinstance(value, str):
        return _joined([_nested(item, key) for item in value])
    return str(value)


def _nested(value: object, key: str) -> str:
    """A value inside another one: a list of several in brackets, so that it stays together."""
    text = evidence_value(value, key)
    if key in _SHAPES and _is_shape(value):
        return text
    several = isinstance(value, Mapping | Sequence) and not isinstance(value, str) and len(value) > 1
    return f"({text})" if several else text


def _is_shape(value: object) -> TypeGuard[Sequence[int]]:
    return isinstance(value, list | tuple) and all(type(size) is int for size in value)


def _joined(items: Sequence[str]) -> str:
    more = ", …" if len(items) > _EVIDENCE_ITEMS else ""
    return ", ".join(items[:_EVIDENCE_ITEMS]) + more


def spans(text: str) -> tuple[Span, ...]:
    """``text`` cut at its backticks."""
    parts = re.split(r"`([^`\n]+)`", text)
    return tuple(Span(part, code=i % 2 == 1) for i, part in enumerate(parts) if part)


def plain(text: str) -> str:
    """``text`` without the backticks of its code, for where nothing can be set apart."""
    return "".join(span.text for span in spans(text))


def source_lines(source: str) -> tuple[str, ...]:
    """The lines as Python counts them: a form feed or a U+2028 ends none."""
    lines = re.split(r"\r\n|\r|\n", source)
    return tuple(lines[:-1] if lines[-1] == "" else lines)


def numbered(result: Result) -> tuple[SourceLine, ...]:
    """Every line of the submission as its own file counts it: cell by cell where that is a notebook."""
    lines = source_lines(result.source)
    if not result.submission.cells:
        return tuple(SourceLine(number, text) for number, text in enumerate(lines, 1))
    return tuple(
        SourceLine(number, text, cell=span.cell)
        for span in result.submission.cells
        for number, text in enumerate(lines[span.first - 1 : span.first - 1 + span.lines], 1)
    )


def excerpt(result: Result, finding: Finding, around: int = 2) -> tuple[SourceLine, ...]:
    """The finding's line with ``around`` lines before and after it, of a notebook those of its cell."""
    if finding.line is None:
        return ()
    lines = numbered(result)
    at = next((index for index, line in enumerate(lines) if line.place == finding.line), None)
    if at is None:
        return (_stray(finding.line, finding.source),) if finding.source else ()
    near = lines[max(0, at - around) : at + around + 1]
    return tuple(replace(n, marked=n is lines[at]) for n in near if n.cell == lines[at].cell)


def _stray(where: Place, text: str) -> SourceLine:
    if isinstance(where, int):
        return SourceLine(where, text, marked=True)
    return SourceLine(where.line, text, marked=True, cell=where.cell)
