"""The report for a terminal: Rich renderables from a result. It prints nothing itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.clean import one_line, terminal
from grader.records import Finding, Result, RubricResult, RunResult
from grader.report import wording
from grader.report.suggested import SuggestionView, suggestion_view

_STYLE = {
    "passed": "green", "failed": "red", "blocked": "dim", "ungraded": "yellow",
    "error": "red", "warning": "yellow",
}  # fmt: skip
_DIFF_STYLE = {"added": "green", "removed": "red", "at": "dim", "same": ""}
_PRINTED_LINES = 12


def check_report(result: Result) -> RenderableType:
    """Everything a student sees after ``grader check``."""
    parts: list[RenderableType] = [heading(result)]
    if result.reason:
        parts.append(indented(prose(result.reason)))
    if result.submission.notes:
        parts.append(Group(*(indented(prose(note, "dim")) for note in result.submission.notes)))
    if result.status != "ungraded":
        parts.append(_rubric(result.rubric, in_full=result.status == "passed"))
    if cause := wording.first_cause(result):
        parts.append(_cause(result, cause))
    elif result.status == "passed":
        parts.append(_section("What you did well", [prose(wording.praise(result))]))
    if others := wording.other_findings(result):
        title = "Also found" if wording.first_cause(result) else "Worth a look, at no cost"
        parts.append(_section(title, map(_brief, others)))
    if following := wording.next_findings(result):
        parts.append(_section(wording.NEXT, map(_brief, following)))
    if result.runs:
        parts.append(
            _section("What came back", [_calls(result) if result.runs[0].entry else _runs(result.runs)])
        )
        parts.extend(_printed(result.runs))
    parts.append(_environment(result))
    return Group(*spaced(parts))


def prose(text: str, style: str = "") -> Text:
    """A message with its `code` coloured; the backticks stay, for where there are no colours."""
    line = Text(style=style)
    for span in wording.spans(text):
        line.append_text(terminal(f"`{span.text}`", "cyan") if span.code else terminal(span.text))
    return line


def heading(result: Result) -> Text:
    head = Text().append_text(terminal(f"{result.submission.name} · {result.exercise}\n", "dim"))
    return head.append_text(terminal(wording.verdict(result), f"bold {_STYLE[result.status]}"))


def _rubric(items: Sequence[RubricResult], in_full: bool) -> Table:
    """``in_full`` says of what has passed, too, what was seen of it."""
    table = Table.grid(padding=(0, 2), expand=False)
    table.add_column(no_wrap=True, min_width=12)
    table.add_column(ratio=1, overflow="fold")
    table.add_column(justify="right", no_wrap=True)
    for item in items:
        symbol, word = wording.STATUS[item.status]
        text = terminal(item.title)
        if item.because_of:
            text.append("\n").append_text(prose(wording.because_of(item), "dim"))
        elif item.detail and (in_full or item.status != "passed"):
            text.append("\n").append_text(terminal(item.detail, "dim"))
        points = f"{wording.number(item.earned)} / {wording.number(item.points)}"
        table.add_row(Text(f"  {symbol} {word}", style=_STYLE[item.status]), text, Text(points))
    return table


def _cause(result: Result, cause: Finding) -> RenderableType:
    head = terminal(f"{wording.first_words(result, cause)}: {cause.title or cause.pitfall}", "bold")
    place = ", ".join(filter(None, (cause.pitfall, wording.where(cause))))
    body: list[RenderableType] = [terminal(place, "dim")]
    if lines := wording.excerpt(result, cause):
        body.append(code_lines(lines))
    body.append(prose(cause.message))
    if differs := wording.differs(result, cause):
        body.append(prose(differs))
    if cause.proof:
        body.append(_titled("Put to the test", prose(cause.proof)))
    if cause.why:
        body.append(_titled("Why it bites", prose(cause.why)))
    body.append(_titled("How to mend it", prose(cause.fix)))
    if suggestion := suggestion_view(result, cause):
        body.append(_suggested(suggestion))
    body.append(terminal(f"More about it: grader explain {cause.pitfall}", "dim"))
    return Group(head, indented(Group(*spaced(body))))


def code_lines(lines: Sequence[wording.SourceLine]) -> Table:
    table = Table.grid(padding=(0, 1))
    width = len(str(lines[-1].number))
    # A least width, or a long line of code would take the room of its number.
    table.add_column(justify="right", no_wrap=True, min_width=width + 4)
    table.add_column(no_wrap=True, overflow="ellipsis")
    for line in lines:
        mark = "▶" if line.marked else " "
        style = "bold red" if line.marked else "dim"
        number = Text.assemble((f"{mark} {line.number:>{width}} ", style), ("│", "dim"))
        code = terminal(line.text, "bold" if line.marked else "")
        table.add_row(number, code)
    return table


def _suggested(suggestion: SuggestionView) -> Group:
    shown: list[RenderableType] = []
    for line in suggestion.lines:
        text = terminal(line.text, _DIFF_STYLE[line.kind])
        text.no_wrap, text.overflow = True, "ellipsis"
        shown.append(text)
    return _titled(suggestion.title, Group(indented(Group(*shown)), terminal(suggestion.said)))


def _brief(finding: Finding) -> Text:
    place = wording.where(finding)
    text = terminal(finding.severity, _STYLE[finding.severity])
    text.append(f"  {finding.pitfall}" + (f", {place}" if place else "") + ": ")
    return text.append_text(prose(one_line(finding.title or finding.message)))


def _runs(runs: Sequence[RunResult]) -> Table:
    names = max((run.names for run in runs), key=len)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", show_edge=False)
    for header in ("run", "", *names):
        column = terminal(header)
        table.add_column(column, justify="left" if header in ("run", "") else "right", no_wrap=True)
    for run in runs:
        _add_run(table, run)
    return table


def _calls(result: Result) -> Table:
    """A row for each function and device: how many of its runs were right, else the first that was not."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", show_edge=False)
    for header in ("function", "on", "runs", ""):
        table.add_column(terminal(header), overflow="fold")
    for row in wording.call_rows(result):
        style = _STYLE["passed" if row.right else "failed"]
        table.add_row(
            terminal(row.function), terminal(row.device), terminal(row.runs, style), terminal(row.first_wrong)
        )
    return table


def _add_run(table: Table, run: RunResult) -> None:
    about = wording.run_name(run)
    if run.status != "completed":
        about += f" ({run.status})"
    got = [wording.coefficient(v) for v in run.recovered or ()]
    want = [wording.coefficient(v) for v in run.expected or ()]
    table.add_row(terminal(about), Text("recovered"), *map(Text, got or ["none"]))
    if want:
        table.add_row(Text(""), Text("expected", style="dim"), *[Text(w, style="dim") for w in want])


def _printed(runs: Sequence[RunResult]) -> Iterable[RenderableType]:
    run = next((r for r in runs if r.stdout.strip() or r.stderr.strip()), None)
    if run is None:
        return
    lines = wording.source_lines(run.stdout.rstrip("\n") + "\n" * bool(run.stdout) + run.stderr)
    shown: list[RenderableType] = []
    for line in lines[-_PRINTED_LINES:]:
        text = Text("│ ", style="dim").append_text(terminal(line))
        text.no_wrap, text.overflow = True, "ellipsis"
        shown.append(text)
    last = f", its last {_PRINTED_LINES} lines of {len(lines)}" * (len(lines) > _PRINTED_LINES)
    yield _section(f"What your code printed ({wording.run_name(run)}{last})", shown)


def _environment(result: Result) -> Text:
    environment = result.environment
    devices = wording.devices(result) or "no device"
    torch = f"torch {environment.torch}" if environment.torch else "torch not started"
    return terminal(
        f"Ran on {devices} with {torch}, Python {environment.python};"
        f" isolation: {environment.isolation}. Grader {result.grader}.",
        "dim",
    )


def _titled(title: str, body: RenderableType) -> Group:
    return Group(terminal(title, "bold"), body)


def _section(title: str, body: Iterable[RenderableType]) -> Group:
    return Group(terminal(title, "bold"), indented(Group(*body)))


def indented(body: RenderableType) -> Padding:
    return Padding(body, (0, 0, 0, 2))


def spaced(parts: Sequence[RenderableType]) -> list[RenderableType]:
    return [part for item in parts for part in (item, Text(""))]
