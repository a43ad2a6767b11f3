"""A program's text, and edits of it at exact places. What is not edited stays as it is, to the byte."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


class CannotEdit(Exception):
    """This change cannot be made here without touching what it is not about."""


@dataclass(frozen=True, order=True)
class Edit:
    """Put ``new`` in the place of the bytes from ``start`` to ``end``."""

    start: int
    end: int
    new: str


Change = Sequence[Edit]
"""Edits that are made together and do not overlap."""


class Text:
    """A program's text and its syntax tree.

    Raises:
        CannotEdit: it is no Python, or its lines do not end as a patch's do.
    """

    def __init__(self, source: str) -> None:
        if re.search(r"\r(?!\n)|\f", source):
            raise CannotEdit("lines that end in a carriage return alone")
        try:
            self._data = source.encode()
            self.tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise CannotEdit(f"no Python: {error}") from error
        self.newline = "\r\n" if "\r\n" in source else "\n"
        self.lines = source.split("\n")
        self._starts = [0]
        for line in self.lines:
            self._starts.append(self._starts[-1] + len(line.encode()) + 1)
        self.unit = self._indentation_unit()

    def of(self, node: ast.AST) -> str:
        """The text of an expression or a statement."""
        start, end = self.span(node)
        return self._data[start:end].decode()

    def span(self, node: ast.AST) -> tuple[int, int]:
        """The bytes of a node, from and to."""
        if not isinstance(node, ast.expr | ast.stmt | ast.arg | ast.keyword):
            raise CannotEdit(f"{type(node).__name__} has no place")
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
        return self._at(node.lineno, node.col_offset), self._at(end_line, end_column)

    def between(self, start: int, end: int) -> str:
        return self._data[start:end].decode()

    def with_changes(self, change: Iterable[Edit]) -> str:
        """The text with all the edits made.

        Raises:
            CannotEdit: two of them are about the same place.
        """
        parts: list[bytes] = []
        done = 0
        # Of insertions at one place the first stays the first.
        for edit in sorted(dict.fromkeys(change), key=lambda edit: (edit.start, edit.end)):
            if edit.start < done:
                raise CannotEdit("two edits overlap")
            parts += [self._data[done : edit.start], edit.new.encode()]
            done = edit.end
        return b"".join([*parts, self._data[done:]]).decode()

    # Inside a line -----------------------------------------------------------------------------

    def replace(self, node: ast.AST, new: str) -> Edit:
        return Edit(*self.span(node), new)

    def before(self, node: ast.AST, new: str) -> Edit:
        start, _ = self.span(node)
        return Edit(start, start, new)

    def after(self, node: ast.AST, new: str) -> Edit:
        _, end = self.span(node)
        return Edit(end, end, new)

    def rename(self, attribute: ast.Attribute, new: str) -> Edit:
        """Another name after the dot."""
        _, end = self.span(attribute)
        return Edit(end - len(attribute.attr.encode()), end, new)

    def cut_to(self, inner: ast.AST, outer: ast.AST) -> Edit:
        """What an expression is made of, in the brackets it stands in, without what is done with it."""
        (_, end), (_, last) = self.span(inner), self.span(outer)
        after = self.between(end, last)
        closing = len(after) - len(after.lstrip(" )")) if isinstance(outer, ast.Call | ast.Attribute) else 0
        if isinstance(outer, ast.Subscript):
            closing = after.index("[")
        return Edit(end + closing, last, "")

    # Whole lines -------------------------------------------------------------------------------

    def above(self, statement: ast.stmt, *lines: str, indentation: str | None = None) -> Edit:
        """New lines before a statement, indented as it is, or as is said."""
        self.alone(statement)
        start = self._starts[statement.lineno - 1]
        deep = self.indentation(statement) if indentation is None else indentation
        return Edit(start, start, self._written(deep, lines))

    def below(self, statement: ast.stmt, *lines: str) -> Edit:
        """New lines after a statement, indented as it is."""
        self.alone(statement)
        last = statement.end_lineno or statement.lineno
        written = self._written(self.indentation(statement), lines)
        if last < len(self.lines):
            return Edit(self._starts[last], self._starts[last], written)
        end = len(self._data)  # the last line ends in no newline
        return Edit(end, end, self.newline + written.removesuffix(self.newline))

    def remove(self, first: ast.stmt, last: ast.stmt | None = None) -> Edit:
        """Take the lines of a statement away, or those from one to another."""
        last = last or first
        self.alone(first)
        self.alone(last)
        end = self._starts[last.end_lineno or last.lineno]
        return Edit(self._starts[first.lineno - 1], min(end, len(self._data)), "")

    def remove_line(self, number: int) -> Edit:
        return Edit(self._starts[number - 1], min(self._starts[number], len(self._data)), "")

    def indent(self, first: ast.stmt, last: ast.stmt) -> list[Edit]:
        """One level deeper, from one statement to another."""
        return [Edit(at, at, self.unit) for at in self._line_starts(first, last)]

    def dedent(self, first: ast.stmt, last: ast.stmt, to: str) -> list[Edit]:
        """From one statement to another, out to the indentation ``to``."""
        excess = len(self.indentation(first)) - len(to)
        starts = self._line_starts(first, last)
        if any(self._data[at : at + excess].strip() for at in starts):
            raise CannotEdit("a line that is less indented than its block")
        return [Edit(at, at + excess, "") for at in starts]

    def wrapped(self, first: ast.stmt, last: ast.stmt, header: str) -> list[Edit]:
        """``header`` before the statements from one to another, which become its block."""
        self.alone(first)
        self.alone(last)
        return [self.above(first, header), *self.indent(first, last)]

    def block_text(self, first: ast.stmt, last: ast.stmt) -> list[str]:
        """The lines from one statement to another, without the indentation that they share."""
        self._line_starts(first, last)  # no string that goes over lines
        lines = self.lines[first.lineno - 1 : last.end_lineno]
        return textwrap.dedent("\n".join(line.rstrip("\r") for line in lines)).split("\n")

    def indentation(self, statement: ast.stmt) -> str:
        line = self.lines[statement.lineno - 1]
        return line[: len(line) - len(line.lstrip())]

    def alone(self, statement: ast.stmt) -> None:
        """Raises CannotEdit where something else stands on the statement's lines."""
        start, end = self.span(statement)
        before = self._data[self._starts[statement.lineno - 1] : start]
        after = self._data[end : self._starts[statement.end_lineno or statement.lineno]].strip()
        if before.strip() or (after and not after.startswith(b"#")):
            raise CannotEdit("a statement that shares its line")

    def _line_starts(self, first: ast.stmt, last: ast.stmt) -> list[int]:
        """Where the lines begin that have something on them; none of them inside a string."""
        lines = range(first.lineno, (last.end_lineno or last.lineno) + 1)
        for node in ast.walk(self.tree):
            text = isinstance(node, ast.JoinedStr) or (
                isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
            )
            if text and node.lineno in lines and node.end_lineno != node.lineno:  # type: ignore[attr-defined]
                raise CannotEdit("a string that goes over lines")
        return [self._starts[line - 1] for line in lines if self.lines[line - 1].strip()]

    def _written(self, indentation: str, lines: Iterable[str]) -> str:
        return "".join(f"{indentation}{line}".rstrip() + self.newline for line in lines)

    def _at(self, line: int, column: int) -> int:
        return self._starts[line - 1] + column

    def _indentation_unit(self) -> str:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.For | ast.With | ast.While | ast.If):
                inner, outer = self.indentation(node.body[0]), self.indentation(node)
                if node.body[0].lineno > node.lineno and len(inner) > len(outer):
                    return inner[len(outer) :]
        return "    "
