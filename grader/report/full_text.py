"""The report for a terminal, in full: what ``-v`` adds to ``text.check_report``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from grader.clean import terminal
from grader.records import Finding, Result, RunResult
from grader.report import wording
from grader.report.suggested import suggestion_view
from grader.report.text import (
    STYLE,
    code_lines,
    environment,
    indented,
    opening,
    others_title,
    prose,
    rubric_table,
    section,
    spaced,
    suggested,
    titled,
    whereabouts,
)

_PRINTED_LINES = 200


def full_report(result: Result) -> RenderableType:
    """Everything that is known of a result: each finding with its evidence, each run, what it printed."""
    parts: list[RenderableType] = [*opening(result)]
    if result.status != "ungraded":
        parts.append(rubric_table(result.rubric, details=("passed", "failed", "blocked")))
    if cause := wording.first_cause(result):
        parts.append(
            _finding(result, cause, f"{wording.first_words(result, cause)}: {cause.title or cause.pitfall}")
        )
    elif result.status == "passed":
        parts.append(section("What you did well", [prose(wording.praise(result))]))
    if others := wording.other_findings(result):
        parts.append(terminal(others_title(result), "bold"))
        parts += [
            _finding(result, other, f"{other.severity}: {other.title or other.pitfall}") for other in others
        ]
    if following := wording.next_findings(result):
        parts.append(terminal(wording.NEXT, "bold"))
        parts += [_finding(result, each, each.title or each.pitfall) for each in following]
    if result.runs:
        came_back = _calls(result) if result.runs[0].entry else _runs(result.runs)
        parts += [section("What came back", [came_back]), *_printed(result.runs)]
    parts.append(environment(result, in_full=True))
    return Group(*spaced(parts))


def _finding(result: Result, finding: Finding, title: str) -> RenderableType:
    body: list[RenderableType] = [terminal(whereabouts(finding), "dim")]
    if lines := wording.excerpt(result, finding):
        body.append(code_lines(lines))
    body += map(prose, filter(None, (finding.message, wording.differs(result, finding))))
    if finding.proof:
        body.append(titled("Put to the test", prose(finding.proof)))
    if finding.evidence:
        body.append(_evidence(finding))
    if finding.why:
        body.append(titled("Why it bites", prose(finding.why)))
    body.append(titled("How to mend it", prose(finding.fix)))
    if suggestion := suggestion_view(result, finding):
        body.append(suggested(suggestion))
    body.append(terminal(f"More about it: grader explain {finding.pitfall}", "dim"))
    return Group(terminal(title, "bold"), indented(Group(*spaced(body)[:-1])))


def _evidence(finding: Finding) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", overflow="fold")
    table.add_column(overflow="fold")
    for key, value in finding.evidence.items():
        table.add_row(terminal(wording.evidence_name(key)), terminal(wording.evidence_value(value, key)))
    return table


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
        style = STYLE["passed" if row.right else "failed"]
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


def _printed(runs: Sequence[RunResult]) -> Iterator[RenderableType]:
    """What each run printed, the same thing once."""
    seen: set[tuple[str, str]] = set()
    for run in runs:
        if (run.stdout, run.stderr) in seen or not (run.stdout + run.stderr).strip():
            continue
        seen.add((run.stdout, run.stderr))
        yield _print_of(run)


def _print_of(run: RunResult) -> RenderableType:
    lines = wording.source_lines(run.stdout.rstrip("\n") + "\n" * bool(run.stdout) + run.stderr)
    shown: list[RenderableType] = []
    for line in lines[-_PRINTED_LINES:]:
        text = Text("│ ", style="dim").append_text(terminal(line))
        text.no_wrap, text.overflow = True, "ellipsis"
        shown.append(text)
    last = f", its last {_PRINTED_LINES} lines of {len(lines)}" * (len(lines) > _PRINTED_LINES)
    return section(f"What your code printed ({wording.run_name(run)}{last})", shown)
