"""Text for Markdown: what a student wrote is shown, and is never markup, a link or HTML."""

from __future__ import annotations

import re

from grader.clean import one_line, visible
from grader.report import wording

_MARKUP = re.compile(
    r"[\\`*_{}\[\]<>&|~$#!]"
    r"|^(?:[-+=]|\d+(?=[.)]))"  # a list, or the line under a heading
    r"|:(?=//|[\w+-]+:)"  # a link that needs no brackets, an emoji
    r"|(?<=www)\.",
    re.IGNORECASE,
)
_RUN = re.compile(r"`+")


def text(words: str, limit: int = 1000) -> str:
    """One line of plain words."""
    return _escaped(one_line(words, limit))


def prose(message: str) -> str:
    """A message of ours on one line, its code set as code."""
    spans = wording.spans(one_line(message, 2000))
    return "".join(code(span.text) if span.code else _escaped(span.text) for span in spans)


def code(words: str) -> str:
    """A stretch of code in a line."""
    line = one_line(words)
    fence = "`" * (_longest_run(line) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}" if line else ""


def block(lines: str, language: str = "") -> str:
    """Lines of code, or of what was printed."""
    shown = visible(lines.rstrip("\n"))
    fence = "`" * max(3, _longest_run(shown) + 1)
    return f"{fence}{language}\n{shown}\n{fence}"


def _escaped(line: str) -> str:
    """A backslash before everything that may be markup: it is shown."""
    return _MARKUP.sub(_shown, line)


def _shown(found: re.Match[str]) -> str:
    """A digit cannot be escaped: the mark after it is what makes a list of it."""
    text = found.group()
    return f"{text}\\" if text.isdigit() else f"\\{text}"


def _longest_run(words: str) -> int:
    return max((len(run) for run in _RUN.findall(words)), default=0)
