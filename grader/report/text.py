"""The report for a terminal, in short: Rich renderables from a result. It prints nothing itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.clean import one_line, terminal
from grader.records import Finding, Result, RubricResult
from grader.report import wording
from grader.report.suggested import SuggestionView, suggestion_view

STYLE = {
    "passed": "green", "failed": "red", "blocked": "dim", "ungraded": "yellow",
    "error": "red", "warning": "yellow",
}  # fmt: skip
_DIFF_STYLE = {"added": "green", "removed": "red", "at": "dim", "same": ""}


def check_report(result: Result) -> RenderableType:
    """What a student sees after ``grader check``: the verdict, the one cause to mend first, the others a line
    each, the points."""
    parts: list[RenderableType] = [*opening(result)]
    if cause := wording.first_cause(result):
        parts.append(_cause(result, cause))
    elif result.status == "passed":
        parts.append(prose(wording.praise(result)))
    if others := wording.other_findings(result):
        parts.append(section(others_title(result), map(_brief, others)))
    if following := wording.next_findings(result):
        parts.append(section(wording.NEXT, map(_brief, following)))
    if result.status != "ungraded":
        parts.append(rubric_table(result.rubric, details=()))
    parts.append(environment(result))
    parts.append(terminal(" ".join(_further(result)), "dim"))
    return Group(*spaced(parts))


def quiet_line(result: Result, file: str) -> str:
    """``failed 40/100 stale-gradient quadratic.py``: four fields, the last one the file; ``-`` is none."""
    score = f"{wording.number(result.score)}/{wording.number(result.max_score)}"
    cause = wording.first_cause(result)
    fields = [result.status, score if result.status != "ungraded" else "-", cause.pitfall if cause else "-"]
    return terminal(f"{' '.join(fields)} {one_line(file, limit=4096)}").plain


def opening(result: Result) -> Iterator[RenderableType]:
    """The verdict, why nothing was graded, and what is to be known of the file."""
    yield heading(result)
    if result.reason:
        yield indented(prose(result.reason))
    if result.submission.notes:
        yield Group(*(indented(prose(note, "dim")) for note in result.submission.notes))


def prose(text: str, style: str = "") -> Text:
    """A message with its `code` coloured; the backticks stay, for where there are no colours."""
    line = Text(style=style)
    for span in wording.spans(text):
        line.append_text(terminal(f"`{span.text}`", "cyan") if span.code else terminal(span.text))
    return line


def heading(result: Result) -> Text:
    """Whose it is, for which exercise, and the verdict."""
    head = Text().append_text(terminal(" · ".join(wording.whose(result)) + "\n", "dim"))
    return head.append_text(terminal(wording.verdict(result), f"bold {STYLE[result.status]}"))


def rubric_table(items: Sequence[RubricResult], details: Collection[str]) -> Table:
    """A line for each item; below it what was seen of it, where its status is one of ``details``."""
    table = Table.grid(padding=(0, 2), expand=False)
    table.add_column(no_wrap=True, min_width=12)
    table.add_column(ratio=1, overflow="fold")
    table.add_column(justify="right", no_wrap=True)
    for item in items:
        symbol, word = wording.STATUS[item.status]
        text = terminal(item.title)
        if item.because_of:
            text.append("\n").append_text(prose(wording.because_of(item), "dim"))
        elif item.detail and item.status in details:
            text.append("\n").append_text(terminal(item.detail, "dim"))
        points = f"{wording.number(item.earned)} / {wording.number(item.points)}"
        table.add_row(Text(f"  {symbol} {word}", style=STYLE[item.status]), text, Text(points))
    return table


def _cause(result: Result, cause: Finding) -> RenderableType:
    where: list[RenderableType] = [terminal(whereabouts(cause), "dim")]
    if lines := wording.excerpt(result, cause, around=1):
        where.append(code_lines(lines))
    said = filter(None, (cause.message, wording.differs(result, cause), cause.proof))
    parts: list[RenderableType] = [Group(*where), Group(*map(prose, said)), prose(f"To mend it: {cause.fix}")]
    if suggestion := suggestion_view(result, cause):
        parts.append(suggested(suggestion))
    return section(
        f"{wording.first_words(result, cause)}: {cause.title or cause.pitfall}", spaced(parts)[:-1]
    )


def whereabouts(finding: Finding) -> str:
    """``stale-gradient, line 12, step 2``: as much of it as is known."""
    return ", ".join(filter(None, (finding.pitfall, wording.where(finding))))


def others_title(result: Result) -> str:
    return "Also found" if wording.first_cause(result) else "Worth a look, at no cost"


def _further(result: Result) -> Iterator[str]:
    cause = wording.first_cause(result)
    if cause is not None:
        yield f"More about it: grader explain {cause.pitfall}."
    yield "Every run, all evidence and what was printed: add -v."


def code_lines(lines: Sequence[wording.SourceLine]) -> Table:
    """Numbered lines of code; one that is too long for the terminal ends in an ellipsis."""
    table = Table.grid(padding=(0, 1), expand=True)
    width = len(str(lines[-1].number))
    table.add_column(width=width + 4, no_wrap=True)
    table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    for line in lines:
        mark = "▶" if line.marked else " "
        style = "bold red" if line.marked else "dim"
        number = Text.assemble((f"{mark} {line.number:>{width}} ", style), ("│", "dim"))
        code = terminal(line.text, "bold" if line.marked else "")
        table.add_row(number, code)
    return table


def suggested(suggestion: SuggestionView) -> Group:
    shown: list[RenderableType] = []
    for line in suggestion.lines:
        text = terminal(line.text, _DIFF_STYLE[line.kind])
        text.no_wrap, text.overflow = True, "ellipsis"
        shown.append(text)
    return titled(suggestion.title, Group(indented(Group(*shown)), terminal(suggestion.said)))


def _brief(finding: Finding) -> Text:
    place = wording.where(finding)
    text = terminal(finding.severity, STYLE[finding.severity])
    text.append(f"  {finding.pitfall}" + (f", {place}" if place else "") + ": ")
    return text.append_text(prose(one_line(finding.title or finding.message)))


def environment(result: Result, in_full: bool = False) -> Text:
    """Where it ran and what held it; ``in_full`` with all that was tried."""
    found = result.environment
    devices = wording.devices(result) or "no device"
    torch = f"torch {found.torch}" if found.torch else "torch not started"
    return terminal(
        f"Ran on {devices} with {torch}, Python {found.python};"
        f" isolation: {found.isolation if in_full else _in_short(found.isolation)}. Grader {result.grader}.",
        "dim",
    )


def _in_short(isolation: str) -> str:
    """What is in force, and whether that is weak."""
    first, *others = isolation.split("; ")
    return "; ".join([first.split(" (")[0], *(other for other in others if other.startswith("weak"))])


def titled(title: str, body: RenderableType) -> Group:
    return Group(terminal(title, "bold"), body)


def section(title: str, body: Iterable[RenderableType]) -> Group:
    return Group(terminal(title, "bold"), indented(Group(*body)))


def indented(body: RenderableType) -> Padding:
    return Padding(body, (0, 0, 0, 2))


def spaced(parts: Sequence[RenderableType]) -> list[RenderableType]:
    return [part for item in parts for part in (item, Text(""))]
