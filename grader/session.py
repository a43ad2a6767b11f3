"""What was run in a Python session: its cells, their statements, and the names that these use."""

from __future__ import annotations

import linecache
import symtable
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.errors import NoSource
from grader.source import Source, parse

Namespace = Mapping[str, Any]


@dataclass(frozen=True)
class Cell:
    """A text that was run as a whole: a notebook's cell, or a file."""

    name: str
    text: str


@dataclass(frozen=True)
class Statement:
    """A statement of a cell's top level, in whole lines, counted from 1."""

    cell: Cell
    first: int
    last: int

    @property
    def lines(self) -> list[str]:
        return Source(self.cell.text).lines[self.first - 1 : self.last]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def session_cells() -> list[Cell]:
    """What was run in this IPython session so far, in its order; nothing where this is none."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None:
        return []
    inputs: list[str] = shell.history_manager.input_hist_parsed
    return [Cell(f"In [{number}]", text) for number, text in enumerate(inputs) if text.strip()]


def module_cells(namespace: Namespace) -> list[Cell]:
    """The file that a namespace is of, as one cell."""
    file = namespace.get("__file__")
    text = "".join(linecache.getlines(file)) if isinstance(file, str) else ""
    return [Cell(Path(str(file)).name, text)] if text else []


def statements(cell: Cell) -> list[Statement]:
    """The statements of a cell's top level; those that share a line are one. None of what is no Python."""
    tree = parse(cell.text)
    found: list[Statement] = []
    for node in tree.body if tree else ():
        heads = [node.lineno, *(head.lineno for head in getattr(node, "decorator_list", ()))]
        first, last = min(heads), node.end_lineno or node.lineno
        if found and first <= found[-1].last:
            first = found.pop().first
        found.append(Statement(cell, first, last))
    return found


def names_used(text: str) -> Iterator[str]:
    """The names that a statement looks up in its module, in its functions too; builtins among them."""
    try:
        table = symtable.symtable(text, "<cell>", "exec")
    except (SyntaxError, ValueError, RecursionError) as error:
        raise NoSource(f"What is graded is no Python: {error}.") from None
    return _used(table)


def _used(table: symtable.SymbolTable) -> Iterator[str]:
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (symbol.is_global() or table.get_type() == "module"):
            yield symbol.get_name()
    for inner in table.get_children():
        yield from _used(inner)
