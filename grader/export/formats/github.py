"""GitHub Actions: an annotation at the line of every finding."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from grader.clean import inert, one_line, visible
from grader.export.format import Order, text_format
from grader.export.graded import Graded, file_line, listed, printed, verdict, with_place
from grader.export.paths import relative
from grader.records import Finding
from grader.report import wording


def commands(order: Order) -> Iterator[str]:
    """Workflow commands, then what the code printed, in which no command is one."""
    for graded in order.results:
        yield from _verdict(graded)
        for finding in graded.result.findings:
            yield _annotation(graded, finding)
        if output := printed(graded.result):
            yield from _quoted(f"What the code of {graded.name} printed", output)


def command(name: str, message: str, **properties: str | int | None) -> str:
    """One workflow command; a property that is None is left out."""
    named = ",".join(
        f"{key}={_property(str(value))}" for key, value in properties.items() if value is not None
    )
    return f"::{name}{' ' if named else ''}{named}::{_data(message)}\n"


def _verdict(graded: Graded) -> Iterator[str]:
    result = graded.result
    title = f"{graded.who}, {result.exercise}"
    file = relative(result.submission.path)
    if result.status == "ungraded":
        yield command("error", verdict(graded), file=file, title=f"{title}: not graded")
        return
    yield command("notice", verdict(graded), file=file, title=f"{title}: {wording.STATUS[result.status][1]}")
    lost = [item.title for item in result.rubric if item.status != "passed" and item.points]
    if lost and not any(finding.severity == "error" for finding in result.findings):
        yield command("error", f"Not earned: {listed(lost)}.", file=file, title=title)


def _annotation(graded: Graded, finding: Finding) -> str:
    return command(
        "error" if finding.severity == "error" else "warning",
        f"{with_place(finding)}\n\nTo mend it: {wording.plain(finding.fix)}",
        file=relative(graded.result.submission.path),
        line=file_line(finding),
        title=f"{finding.pitfall}: {finding.title}" if finding.title else finding.pitfall,
    )


def _quoted(title: str, output: str) -> Iterator[str]:
    token = secrets.token_hex(16)  # whoever printed this could not know it
    yield command("group", title)
    yield f"::stop-commands::{token}\n"
    yield visible(output).rstrip("\n") + "\n"
    yield f"::{token}::\n"
    yield "::endgroup::\n"


def _data(text: str) -> str:
    shown = visible(inert(text))[:4000]
    return shown.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(one_line(text, 1000)).replace(":", "%3A").replace(",", "%2C")


FORMAT = text_format("workflow commands for GitHub Actions: an annotation a finding", commands)
