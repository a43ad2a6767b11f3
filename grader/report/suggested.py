"""What is shown of a suggested change: its diff, and what passes with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from grader.records import Finding, Result, Suggestion
from grader.report.wording import source_lines
from grader.words import listing

TITLE = "A change that mends it"
Kind = Literal["added", "removed", "at", "same"]
_KINDS: dict[str, Kind] = {"+": "added", "-": "removed", "@": "at"}


@dataclass(frozen=True)
class DiffLine:
    kind: Kind
    text: str


@dataclass(frozen=True)
class SuggestionView:
    title: str
    lines: tuple[DiffLine, ...]
    said: str


def suggestion_view(result: Result, finding: Finding) -> SuggestionView | None:
    """The change that mends a finding; None where none is shown."""
    suggestion = finding.suggestion
    if suggestion is None:
        return None
    return SuggestionView(TITLE, _diff_lines(suggestion), _said(result, suggestion))


def _diff_lines(suggestion: Suggestion) -> tuple[DiffLine, ...]:
    lines = []
    # The two headers stand before the first place; after it, a removed line may begin with `--` itself.
    in_header = True
    for text in source_lines(suggestion.diff):
        if text.startswith("@@"):
            in_header = False
        kind: Kind = "at" if in_header else _KINDS.get(text[:1], "same")
        lines.append(DiffLine(kind, text))
    return tuple(lines)


def _said(result: Result, suggestion: Suggestion) -> str:
    titles = [item.title for item in result.rubric if item.id in suggestion.passes]
    alone = len({(f.pitfall, f.entry) for f in result.findings if f.severity == "error"}) == 1
    if alone:
        return "Your code was graded again with this change alone: it passes everything."
    then = f" Then these pass, too: {listing(tuple(titles))}." if titles else ""
    return f"Your code was graded again with this change alone: the mistake is gone.{then}"
