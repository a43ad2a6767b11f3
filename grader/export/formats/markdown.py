"""The results as Markdown: a part each."""

from __future__ import annotations

from collections.abc import Iterator

from grader.export.format import Order, text_format
from grader.export.graded import Graded, points, verdict
from grader.export.markup import block, prose, text
from grader.records import Finding, Result
from grader.report import wording
from grader.report.wording import number


def sections(order: Order) -> Iterator[str]:
    """A part a result: the verdict, the rubric, and what was found with its lines."""
    for graded in order.results:
        yield section(graded)


def section(graded: Graded) -> str:
    """One result."""
    result = graded.result
    parts = [f"## {text(graded.who, 200)}: {text(result.exercise)}", f"**{text(verdict(graded))}**"]
    if result.status != "ungraded":
        parts.append(_rubric(graded))
    parts += [_finding(result, finding) for finding in result.findings]
    return "\n\n".join(parts) + "\n\n"


def _rubric(graded: Graded) -> str:
    lines = ["| | Item | Points | What was seen |", "|---|---|---:|---|"]
    for item in graded.result.rubric:
        symbol, word = wording.STATUS[item.status]
        earned = f"{number(item.earned)} / {number(item.points)}"
        because = wording.because_of(item) if item.because_of else ""
        detail = text(wording.plain(". ".join(filter(None, (item.detail, because)))), 400)
        lines.append(f"| {symbol} {word} | {text(item.title)} | {earned} | {detail} |")
    if graded.by_hand:
        lines.append(f"| | Decided by a person | {text(points(graded))} | {text(graded.by_hand)} |")
    return "\n".join(lines)


def _finding(result: Result, finding: Finding) -> str:
    what = "Error" if finding.severity == "error" else "Worth a look, at no cost"
    where = ", ".join(filter(None, (finding.pitfall, wording.where(finding))))
    parts = [f"### {what}: {text(finding.title or finding.pitfall)}", text(where)]
    if lines := wording.excerpt(result, finding, around=1):
        shown = "\n".join(
            f"{'>' if line.marked else ' '} {line.number:>4}  {line.text[:200]}" for line in lines
        )
        parts.append(block(shown))
    parts.append(prose(finding.message))
    if finding.proof:
        parts.append(f"**Put to the test:** {prose(finding.proof)}")
    parts += [f"**To mend it:** {prose(finding.fix)}"]
    return "\n\n".join(parts)


FORMAT = text_format("the verdict, the rubric and the findings, in words", sections)
