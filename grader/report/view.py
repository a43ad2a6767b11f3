"""What the page of one result shows, prepared: the templates only loop and choose."""

from __future__ import annotations

import re
import shlex
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from grader.pitfall import catalogue
from grader.records import CellLine, Finding, Place, Result, RubricResult, RunResult
from grader.report import wording
from grader.report.chart import Chart, chart, in_words
from grader.report.reference import Reference, reference
from grader.report.suggested import SuggestionView, suggestion_view

_MOST_LINES = 1500
_LONGEST_LINE = 400
_PRINTED = 4000
_IN_ARCHIVE = re.compile(r".*\.(?:zip|tar|tar\.gz|tgz)/(?:.*/)?", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class FindingView:
    """One finding with its place, its excerpt and its evidence."""

    finding: Finding
    title: str
    where: str
    differs: str
    """That it shows on this device and not on another; empty where that is not so."""
    excerpt: tuple[wording.SourceLine, ...]
    evidence: tuple[tuple[str, str], ...]
    anchor: str | None
    """The id of its line in the source below; None where it has none there."""
    about: str | None
    """The id of its pitfall's part at the end of the page; None for a pitfall that is not known here."""
    suggestion: SuggestionView | None


@dataclass(frozen=True)
class RubricView:
    item: RubricResult
    symbol: str
    word: str
    points: str


@dataclass(frozen=True)
class ParameterView:
    """One column of a run: a parameter as recovered, as expected, and in truth."""

    name: str
    recovered: str
    expected: str
    truth: str


@dataclass(frozen=True)
class RunView:
    name: str
    settings: str
    status: str
    parameters: tuple[ParameterView, ...]
    chart: Chart | None
    loss: str
    stdout: str
    stderr: str
    same_output_as: str
    """The run that printed the very same before; its output is shown there."""


@dataclass(frozen=True)
class LineView:
    """A line of the source and what was found there."""

    line: wording.SourceLine
    severity: str
    findings: tuple[Finding, ...]
    anchor: str
    opens: str
    """``cell 3``, where it is the first line of a notebook's cell."""


@dataclass(frozen=True)
class ResultView:
    """The whole page."""

    result: Result
    title: str
    headline: str
    symbol: str
    word: str
    score: str
    max_score: str
    share: float
    cause: FindingView | None
    others: tuple[FindingView, ...]
    praise: str
    rubric: tuple[RubricView, ...]
    source: tuple[LineView, ...]
    lines_left_out: int
    runs: tuple[RunView, ...]
    calls: tuple[wording.CallRow, ...]
    """In the place of the runs, where an exercise asks for functions that answer."""
    printed: tuple[RunView, ...]
    """The runs that printed something, of those that are not shown one by one."""
    pitfalls: tuple[Reference, ...]
    """The page of each pitfall that was found, in that order."""
    devices: str
    repeat: str


def result_view(result: Result) -> ResultView:
    """Everything that the page of ``result`` shows."""
    symbol, word = wording.STATUS[result.status]
    cause = wording.first_cause(result)
    lines = wording.numbered(result)
    runs = _runs(result.runs)
    calls = wording.call_rows(result) if result.runs and result.runs[0].entry else ()
    return ResultView(
        result=result,
        title=f"{result.submission.name}, {result.exercise}: {word}",
        headline=wording.headline(result),
        symbol=symbol,
        word=word,
        score=wording.number(result.score),
        max_score=wording.number(result.max_score),
        share=round(100 * result.score / result.max_score, 1) if result.max_score else 0.0,
        cause=_finding(result, cause) if cause else None,
        others=tuple(_finding(result, f) for f in wording.other_findings(result)),
        praise=wording.praise(result),
        rubric=tuple(map(_rubric, result.rubric)),
        source=_source(result, lines[:_MOST_LINES]),
        lines_left_out=max(0, len(lines) - _MOST_LINES),
        runs=() if calls else runs,
        calls=calls,
        printed=tuple(run for run in runs if calls and (run.stdout or run.stderr)),
        pitfalls=_pitfalls(result.findings),
        devices=wording.devices(result) or "none",
        repeat=_command(result),
    )


def _command(result: Result) -> str:
    # What lay in an archive is a file of that name once somebody has unpacked it.
    path = _IN_ARCHIVE.sub("", result.submission.path)
    words = ["grader", "check", path, "--exercise", result.exercise]
    if result.submission.form == "function":
        seeds = dict.fromkeys(run.seed for run in result.runs)
        words += [word for seed in seeds for word in ("--seed", str(seed))]
    return shlex.join(words)


def _finding(result: Result, finding: Finding) -> FindingView:
    return FindingView(
        finding=finding,
        title=finding.title or finding.pitfall,
        where=wording.where(finding),
        differs=wording.differs(result, finding),
        excerpt=tuple(map(_capped, wording.excerpt(result, finding))),
        evidence=tuple(
            (wording.evidence_name(key), wording.evidence_value(value, key))
            for key, value in finding.evidence.items()
        ),
        anchor=_anchor(finding.line) if finding.line in _places_shown(result) else None,
        about=f"about-{finding.pitfall}" if finding.pitfall in catalogue() else None,
        suggestion=suggestion_view(result, finding),
    )


def _places_shown(result: Result) -> set[Place]:
    return {line.place for line in wording.numbered(result)[:_MOST_LINES]}


def _anchor(place: Place | None) -> str:
    if isinstance(place, CellLine):
        return f"C{place.cell}L{place.line}"
    return f"L{place}"


def _pitfalls(findings: Sequence[Finding]) -> tuple[Reference, ...]:
    found = dict.fromkeys(f.pitfall for f in findings if f.pitfall in catalogue())
    hrefs = {pitfall: f"#about-{pitfall}" for pitfall in found}
    return tuple(reference(catalogue()[pitfall], hrefs) for pitfall in found)


def _rubric(item: RubricResult) -> RubricView:
    symbol, word = wording.STATUS[item.status]
    points = f"{wording.number(item.earned)} / {wording.number(item.points)}"
    return RubricView(item=item, symbol=symbol, word=word, points=points)


def _source(result: Result, lines: Sequence[wording.SourceLine]) -> tuple[LineView, ...]:
    found: dict[Place, list[Finding]] = defaultdict(list)
    for finding in result.findings:
        if finding.line is not None:
            found[finding.line].append(finding)
    views = []
    for line in lines:
        here = tuple(found.get(line.place, ()))
        severities = {finding.severity for finding in here}
        severity = "error" if "error" in severities else "warning" if severities else ""
        shown = _capped(replace(line, marked=bool(here)))
        opens = f"cell {line.cell}" if line.cell is not None and line.number == 1 else ""
        views.append(LineView(shown, severity, here, _anchor(line.place), opens))
    return tuple(views)


def _capped(line: wording.SourceLine) -> wording.SourceLine:
    if len(line.text) <= _LONGEST_LINE:
        return line
    return replace(line, text=line.text[:_LONGEST_LINE] + " …")


def _runs(runs: Sequence[RunResult]) -> tuple[RunView, ...]:
    seen: dict[tuple[str, str], str] = {}
    views = []
    for run in runs:
        name = wording.run_name(run)
        first = seen.setdefault((run.stdout, run.stderr), name)
        views.append(_run(run, name, first))
    return tuple(views)


def _run(run: RunResult, name: str, printed_first_by: str) -> RunView:
    again = name != printed_first_by and bool(run.stdout or run.stderr)
    settings = [
        f"learning rate {wording.number(run.lr)}" if run.lr is not None else "",
        f"{run.steps} steps" if run.steps is not None else "",
        f"{run.seconds:.2f} s",
    ]
    return RunView(
        name=name,
        settings=", ".join(filter(None, settings)),
        status=run.status,
        parameters=_parameters(run),
        chart=chart(run.loss),
        loss=in_words(run.loss),
        stdout="" if again else _ending(run.stdout),
        stderr="" if again else _ending(run.stderr),
        same_output_as=printed_first_by if again else "",
    )


def _parameters(run: RunResult) -> tuple[ParameterView, ...]:
    size = max(len(run.names), len(run.recovered or ()), len(run.expected or ()))
    names = [*run.names, *(f"#{i + 1}" for i in range(len(run.names), size))]

    def column(values: Sequence[float] | None) -> list[str]:
        texts = [wording.coefficient(value) for value in values or ()]
        return texts + ["–"] * (size - len(texts))

    columns = zip(names, column(run.recovered), column(run.expected), column(run.truth), strict=False)
    return tuple(ParameterView(*cells) for cells in columns)


def _ending(text: str) -> str:
    if len(text) <= _PRINTED:
        return text
    return f"… the first {len(text) - _PRINTED} characters are not shown …\n{text[-_PRINTED:]}"
