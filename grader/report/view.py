"""What the page of one result shows, prepared: the templates only loop and choose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.pitfall import catalogue
from grader.records import Finding, Result, RubricResult, RunResult
from grader.report import wording
from grader.report.chart import Chart, chart, in_words
from grader.report.highlight import CodeLine
from grader.report.listing import Listing, about_id, listing
from grader.report.pictures.gallery import Gallery, gallery
from grader.report.ran import Row, ran
from grader.report.reference import Reference, reference
from grader.report.suggested import SuggestionView, suggestion_view

_PRINTED = 4000


@dataclass(frozen=True)
class FindingView:
    """One finding with its place, its excerpt and its evidence."""

    finding: Finding
    title: str
    where: str
    differs: str
    """That it shows on this device and not on another; empty where that is not so."""
    excerpt: tuple[CodeLine, ...]
    evidence: tuple[tuple[str, str], ...]
    anchor: str | None
    """The id of its line in the source below; None where it has none there."""
    about: str | None
    """The id of its pitfall's part at the end of the page; None for a pitfall that is not known here."""
    lesson: str
    """Where the lesson speaks of it."""
    proved: str
    """What running the submission without it showed, in a word."""
    suggestion: SuggestionView | None


@dataclass(frozen=True)
class RubricView:
    item: RubricResult
    symbol: str
    word: str
    points: str
    after: str
    """That it passes once other mistakes are mended, where that was shown."""


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
class ResultView:
    """The whole page."""

    result: Result
    title: str
    whose: tuple[str, ...]
    headline: str
    symbol: str
    word: str
    score: str
    max_score: str
    share: float
    cause: FindingView | None
    first_words: str
    """What the cause is introduced by."""
    others: tuple[FindingView, ...]
    following: tuple[FindingView, ...]
    """What only showed with the first mistakes out of the way."""
    praise: str
    tally: str
    """How many items passed, failed, and could not be judged."""
    rubric: tuple[RubricView, ...]
    listing: Listing
    galleries: tuple[Gallery, ...]
    """The pictures, run by run."""
    runs: tuple[RunView, ...]
    calls: tuple[wording.CallRow, ...]
    """In the place of the runs, where an exercise asks for functions that answer."""
    printed: tuple[RunView, ...]
    """The runs that printed something, of those that are not shown one by one."""
    pitfalls: tuple[Reference, ...]
    """The page of each pitfall that was found, in that order."""
    ran: tuple[Row, ...]


def result_view(result: Result) -> ResultView:
    """Everything that the page of ``result`` shows."""
    symbol, word = wording.STATUS[result.status]
    cause = wording.first_cause(result)
    source = listing(result)
    runs = _runs(result.runs)
    calls = wording.call_rows(result) if result.runs and result.runs[0].entry else ()
    return ResultView(
        result=result,
        title=f"{', '.join(wording.whose(result))}: {word}",
        whose=wording.whose(result),
        headline=wording.headline(result),
        symbol=symbol,
        word=word,
        score=wording.number(result.score),
        max_score=wording.number(result.max_score),
        share=round(100 * result.score / result.max_score, 1) if result.max_score else 0.0,
        cause=_finding(result, source, cause) if cause else None,
        first_words=wording.first_words(result, cause) if cause else "",
        others=tuple(_finding(result, source, f) for f in wording.other_findings(result)),
        following=tuple(_finding(result, source, f) for f in wording.next_findings(result)),
        praise=wording.praise(result),
        tally=wording.tally(result),
        rubric=tuple(map(_rubric, result.rubric)),
        listing=source,
        galleries=_galleries(result.runs),
        runs=() if calls else runs,
        calls=calls,
        printed=tuple(run for run in runs if calls and (run.stdout or run.stderr)),
        pitfalls=_pitfalls([*result.findings, *wording.next_findings(result)]),
        ran=ran(result),
    )


def _finding(result: Result, source: Listing, finding: Finding) -> FindingView:
    return FindingView(
        finding=finding,
        title=finding.title or finding.pitfall,
        where=wording.where(finding),
        differs=wording.differs(result, finding),
        excerpt=source.excerpt(wording.excerpt(result, finding)),
        evidence=tuple(
            (wording.evidence_name(key), wording.evidence_value(value, key))
            for key, value in finding.evidence.items()
        ),
        anchor=source.anchor(finding.line),
        about=about_id(finding),
        lesson=catalogue()[finding.pitfall].pitfall.see_also if finding.pitfall in catalogue() else "",
        suggestion=suggestion_view(result, finding),
        proved={True: "Confirmed.", False: "Not confirmed.", None: ""}[finding.confirmed],
    )


def _pitfalls(findings: Sequence[Finding]) -> tuple[Reference, ...]:
    found = dict.fromkeys(f.pitfall for f in findings if f.pitfall in catalogue())
    hrefs = {pitfall: f"#about-{pitfall}" for pitfall in found}
    return tuple(reference(catalogue()[pitfall], hrefs) for pitfall in found)


def _rubric(item: RubricResult) -> RubricView:
    symbol, word = wording.STATUS[item.status]
    points = f"{wording.number(item.earned)} / {wording.number(item.points)}"
    after = f"{wording.because_of(item)}." if item.because_of else ""
    return RubricView(item=item, symbol=symbol, word=word, points=points, after=after)


def _galleries(runs: Sequence[RunResult]) -> tuple[Gallery, ...]:
    made = (gallery(run, _run_in_words(run)) for run in runs)
    return tuple(each for each in made if each is not None)


def _run_in_words(run: RunResult) -> str:
    of = f" of `{run.entry}`" if run.entry else ""
    return f"run{of} on {wording.run_name(run)}"


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
        chart=None if run.picture else chart(run.loss),
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
