"""Python in colours: each line as tokens of a few kinds, which the style sheet knows.

The lines stay what they are whatever the text: where the lexer's tokens do not put the very same lines
together again, they are shown without colours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from grader.report.wording import SourceLine

if TYPE_CHECKING:
    from pygments.lexer import Lexer
    from pygments.token import _TokenType

MOST_CHARACTERS = 200_000
"""A longer text is shown without colours: they would take a second, and nobody reads so far."""


@dataclass(frozen=True)
class Token:
    """A stretch of a line. ``kind`` is a class of the style sheet, empty for plain text."""

    text: str
    kind: str = ""


Tokens = tuple[Token, ...]
Stretch = tuple[str, str]
"""A text and its kind."""


@dataclass(frozen=True)
class CodeLine:
    """A line to show, and its text once more in colours."""

    line: SourceLine
    tokens: Tokens


def highlighted(lines: Sequence[SourceLine]) -> tuple[CodeLine, ...]:
    """``lines``, taken for one program, each with its tokens."""
    texts = [line.text for line in lines]
    return tuple(CodeLine(line, tokens) for line, tokens in zip(lines, tokens_of(texts), strict=True))


def tokens_of(lines: Sequence[str]) -> list[Tokens]:
    """The tokens of each line. No line may hold a newline."""
    text = "\n".join(lines)
    plain = [_merged([(line, "")]) for line in lines]
    if not lines or len(text) > MOST_CHARACTERS:
        return plain
    found = [_merged(line) for line in _split(text)]
    same = [_text(line) for line in found] == list(lines)
    return found if same else plain


def _split(text: str) -> list[list[Stretch]]:
    """Pygments' tokens, cut at the ends of the lines."""
    lines: list[list[Stretch]] = [[]]
    for _, type_, value in _lexer().get_tokens_unprocessed(text):
        kind = _kind(type_)
        first, *further = value.split("\n")
        lines[-1].append((first, kind))
        lines += [[(part, kind)] for part in further]
    return lines


def _merged(stretches: Iterable[Stretch]) -> Tokens:
    """As tokens: those of one kind that follow each other are one, and none is empty."""
    merged: list[Stretch] = []
    for text, kind in stretches:
        if merged and merged[-1][1] == kind:
            merged[-1] = (merged[-1][0] + text, kind)
        elif text:
            merged.append((text, kind))
    return tuple(Token(text, kind) for text, kind in merged)


def _text(tokens: Tokens) -> str:
    return "".join(token.text for token in tokens)


@cache
def _lexer() -> Lexer:
    from pygments.lexers.python import PythonLexer

    return PythonLexer()


@cache
def _kind(type_: _TokenType) -> str:
    from pygments.token import Comment, Keyword, Name, Number, Operator, String

    kinds = {
        Comment: "comment", Operator.Word: "keyword", Keyword: "keyword", Number: "number",
        String: "string", Name.Function: "name", Name.Class: "name", Name.Decorator: "name",
        Name.Builtin: "builtin", Name.Exception: "builtin",
    }  # fmt: skip
    ancestors = type_.split()
    return next((f"t-{kind}" for known, kind in kinds.items() if known in ancestors), "")
