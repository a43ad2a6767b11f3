"""Joins a notebook's code cells, one after the other, to the one Python source that is run."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Sequence

from grader.clean import one_line
from grader.records import CellLine, CellSpan
from grader.submission.commands import without_commands
from grader.submission.text import MOST_BYTES, Text, trouble
from grader.words import place, plural

_MOST_NAMED = 5
_UNREADABLE = re.compile("[\0\ud800-\udfff]")


def joined(cells: Sequence[tuple[str, str]]) -> Text:
    """The source of all cells that are code; ``cells`` has the kind and the source of each."""
    return _Joiner().text(cells)


class _Joiner:
    """One cell after the other, each of which has to be Python by itself."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.spans: list[CellSpan] = []
        self.futures: list[str] = []
        self.commands: list[str] = []
        self.dropped: list[str] = []
        self.problem: tuple[str, int | None] | None = None

    def text(self, cells: Sequence[tuple[str, str]]) -> Text:
        for number, (kind, source) in enumerate(cells, 1):
            if kind == "code" and source.strip():
                self._add(number, source)
        futures = ["; ".join(self.futures)] if self.futures else []
        source = "".join(f"{line}\n" for line in (*futures, *self.lines))
        problem, line = self.problem or (self._problem_of_all(source), None)
        if problem and line is None:
            return trouble(problem)
        at = line + bool(self.futures) if line is not None else None
        return Text(source, problem or None, at, self._spans(), self._notes())

    def _add(self, number: int, source: str) -> None:
        cleaned = without_commands(_dedented(_lines(source)))
        lines = [_UNREADABLE.sub("\ufffd", line) for line in cleaned.lines]
        span = CellSpan(cell=number, first=len(self.lines) + 1, lines=len(lines))
        read = _unreadable(span, cleaned.lines) or _parsed(span, lines)
        if isinstance(read, ast.Module):
            self.futures += _take_futures(read, lines)
        else:
            self.problem = self.problem or read
        self.lines += lines
        self.spans.append(span)
        self.commands += [f"cell {number}, line {line} (`{_short(text)}`)" for line, text in cleaned.left_out]
        if cleaned.dropped_for:
            self.dropped.append(f"cell {number} (`{_short(cleaned.dropped_for)}`)")

    def _spans(self) -> tuple[CellSpan, ...]:
        """One line further down where the first is that of the imports from ``__future__``."""
        down = 1 if self.futures else 0
        return tuple(span.model_copy(update={"first": span.first + down}) for span in self.spans)

    def _problem_of_all(self, source: str) -> str:
        if not self.spans:
            return "The notebook is empty: no cell has any code in it."
        if len(source) > MOST_BYTES:
            return (
                f"The notebook has more than {MOST_BYTES // 1024} KiB of code: that is no hand-written"
                " exercise."
            )
        return ""

    def _notes(self) -> tuple[str, ...]:
        notes = []
        if self.commands:
            count, were = plural(len(self.commands), "line"), "was" if len(self.commands) == 1 else "were"
            notes.append(f"{count} of notebook commands {were} left out: {_named(self.commands)}.")
        if self.dropped:
            notes.append(f"Not run, for what they hold is no Python: {_named(self.dropped)}.")
        return tuple(notes)


def _named(places: Sequence[str]) -> str:
    more = f" and {len(places) - _MOST_NAMED} more" if len(places) > _MOST_NAMED else ""
    return "; ".join(places[:_MOST_NAMED]) + more


def _short(text: str) -> str:
    return one_line(text.replace("`", "'"), limit=40)


def _lines(source: str) -> list[str]:
    """As Python counts them."""
    lines = re.split(r"\r\n|\r|\n", source)
    return lines[:-1] if lines[-1] == "" else lines


def _dedented(lines: Sequence[str]) -> list[str]:
    """IPython takes an indented cell for what it would be at the margin."""
    first = next(line for line in lines if line.strip())
    indent = first[: len(first) - len(first.lstrip(" \t"))]
    return [line.removeprefix(indent) for line in lines]


def _unreadable(span: CellSpan, lines: Sequence[str]) -> tuple[str, int] | None:
    for number, line in enumerate(lines, 1):
        if bad := _UNREADABLE.search(line):
            what = "a NUL character" if bad.group() == "\0" else "half a character (a lone surrogate)"
            return _at(span, number, f"has {what} in it, which Python cannot read: type the line anew")
    return None


def _parsed(span: CellSpan, lines: Sequence[str]) -> ast.Module | tuple[str, int]:
    """The cell's syntax tree; else why it cannot be run, and the line of the whole source that it is at."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse("\n".join(lines) + "\n")
    except SyntaxError as error:
        number = min(max(error.lineno or 1, 1), len(lines))
        return _at(span, number, f"is no Python: {type(error).__name__}: {error.msg}")
    except (RecursionError, MemoryError):
        return _at(span, 1, "begins a cell that is nested too deeply for Python to read")


def _take_futures(tree: ast.Module, lines: list[str]) -> list[str]:
    """Take out the imports from ``__future__``: a file may have them at its top only."""
    taken = []
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__" and _is_alone(node, lines):
            taken.append(ast.unparse(node))
            first, last = node.lineno - 1, node.end_lineno or node.lineno
            lines[first:last] = [
                f"pass  # {lines[first]}",
                *(f"# {line}" for line in lines[first + 1 : last]),
            ]
    return taken


def _is_alone(node: ast.stmt, lines: Sequence[str]) -> bool:
    """Whether no other statement is on its lines."""
    rest = lines[(node.end_lineno or node.lineno) - 1].encode()[node.end_col_offset :].strip()
    return node.col_offset == 0 and (not rest or rest.startswith(b"#"))


def _at(span: CellSpan, number: int, what: str) -> tuple[str, int]:
    where = place(CellLine(cell=span.cell, line=number))
    return f"{where.capitalize()} {what}.", span.first + number - 1
