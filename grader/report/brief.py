"""A result in a few lines: the score, and the first thing to mend."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from rich.console import Group, RenderableType
from rich.text import Text

from grader.clean import terminal
from grader.records import Finding, Result
from grader.report import wording
from grader.report.text import code_lines, heading, indented, prose, spaced
from grader.words import listing, place


def brief_report(result: Result) -> RenderableType:
    """The score line, then the first cause with its line and how to mend it, or the praise."""
    parts: list[RenderableType] = [heading(result)]
    if result.reason:
        parts.append(indented(prose(result.reason)))
    if cause := wording.first_cause(result):
        parts.append(Group(*_cause(result, cause)))
    elif result.status == "passed":
        parts.append(prose(wording.praise(result)))
    else:
        parts += [prose(f"{item.title}: {item.detail}") for item in result.rubric if item.status != "passed"]
    if others := list(dict.fromkeys(map(_named, wording.other_findings(result)))):
        parts.append(terminal(f"Also found: {listing(others)}.", "dim"))
    return Group(*spaced(parts))


def _cause(result: Result, cause: Finding) -> Iterator[RenderableType]:
    yield terminal(f"Mend this first: {cause.title or cause.pitfall}", "bold")
    body: list[RenderableType] = [
        terminal(", ".join(filter(None, (cause.pitfall, wording.where(cause)))), "dim")
    ]
    if lines := wording.excerpt(result, cause, around=1):
        body.append(code_lines(lines))
    body += [prose(cause.message), prose(f"To mend it: {cause.fix}")]
    yield indented(Group(*body))


def _named(finding: Finding) -> str:
    return finding.pitfall + (f" ({place(finding.line)})" if finding.line is not None else "")


def watching(file: str, now: datetime, seconds: float) -> Text:
    """The last line under a report while a file is watched."""
    return terminal(
        f"{file}, graded at {now:%H:%M:%S} in {seconds:.1f} s. Save it to grade it again; Ctrl-C ends.",
        "dim",
    )
