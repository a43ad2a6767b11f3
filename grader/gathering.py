"""Gathers the text of functions that were typed into a notebook or a Python session.

A function is graded in another process, so its text is needed, and the text of all that it uses. What is
taken is the statements that define these names, each as a whole, from the cells that were run; what a cell
does beside that (plots, prints, a training loop of its own) is left where it is.

* A function or class: the statement that its own code came from, which is the cell that was run last with it.
* A module: ``import`` of what the name stands for now. A number, a text, a truth value, None: what it is now.
* Anything else: the last statement in the order of running that binds the name, with every ``+=`` after it.
"""

from __future__ import annotations

import ast
import inspect
import linecache
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, ModuleType

from grader.errors import NoSource
from grader.session import Cell, Namespace, Statement, names_used, statements
from grader.source import Source, parse


@dataclass(frozen=True)
class Gathered:
    """The text that is graded, and of each of its lines where it stands in the notebook."""

    source: str
    places: tuple[str, ...]
    """``In [3], line 2``; empty for a line that is in no cell."""


@dataclass
class Gatherer:
    """Follows names to the statements that define them, what is needed first coming first."""

    cells: Sequence[Cell]
    header: list[str] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    _known: dict[str, object] = field(default_factory=dict)

    def need(self, name: str, namespace: Namespace) -> None:
        """Take what defines ``name``, and all that this uses in turn. A name that is not bound is left out:
        where it is used, Python will say so, and rightly.

        Raises:
            NoSource: its text cannot be had.
        """
        if name == "get_ipython":
            raise NoSource(
                "What is graded uses a magic of IPython's (% or !), which is no Python: take it out."
            )
        if name not in namespace or name in self._known:
            if self._known.get(name, namespace.get(name)) is not namespace.get(name):
                raise NoSource(f"`{name}` is two different things in what is graded: rename one of them.")
            return
        value = self._known[name] = namespace[name]
        line = _as_a_line(name, value)
        if line is not None:
            self.header += [line] if line else []
            return
        for statement in self._defining(name, value, namespace):
            for used in names_used(statement.text):
                self.need(used, namespace)
            if statement not in self.statements:
                self.statements.append(statement)

    def _defining(self, name: str, value: object, namespace: Namespace) -> list[Statement]:
        found = self._by_code(name, value, namespace) or self._by_history(name)
        if not found:
            raise NoSource(
                f"The text of `{name}` cannot be had: no cell that was run defines it at its top"
                " level. Define it in a cell and run that, or save it to a file and check the file."
            )
        for statement in found:
            _refuse_own_modules(statement)
        return found

    def _by_code(self, name: str, value: object, namespace: Namespace) -> list[Statement]:
        """The statement that a function's or a class's own code came from."""
        if getattr(value, "__module__", None) != namespace.get("__name__"):
            return []
        for code in _codes(value):
            cell = self._cell_of(code)
            for statement in statements(cell) if cell else ():
                holds = statement.first <= code.co_firstlineno <= statement.last
                if holds and Source(statement.text).binds(name):
                    return [statement]
        return []

    def _cell_of(self, code: CodeType) -> Cell | None:
        """The cell or file that a code was compiled from, as Python itself would quote it."""
        text = "".join(linecache.getlines(code.co_filename))
        if not text:
            return None
        known = (cell for cell in reversed(self.cells) if cell.text.rstrip("\n") == text.rstrip("\n"))
        return next(known, Cell(Path(code.co_filename).name, text))

    def _by_history(self, name: str) -> list[Statement]:
        """The last statement that binds a name, and what adds to it (``+=``) after that."""
        found: list[Statement] = []
        for cell in reversed(self.cells):
            for statement in reversed(statements(cell)):
                if Source(statement.text).binds(name):
                    found.insert(0, statement)
                    if not _only_adds(statement, name):
                        return found
        return []

    def gathered(self, last: Sequence[str] = ()) -> Gathered:
        """The whole text: imports and numbers, then the statements, each under the name of its cell."""
        lines, places = [*self.header], [""] * len(self.header)
        before: Statement | None = None
        for statement in self.statements:
            head = _between(before, statement)[0 if lines else 1 :]
            numbers = range(statement.first, statement.last + 1)
            lines += [*head, *statement.lines]
            places += [""] * len(head) + [f"{statement.cell.name}, line {number}" for number in numbers]
            before = statement
        return Gathered("\n".join([*lines, *last]) + "\n", tuple(places))


def _between(before: Statement | None, statement: Statement) -> list[str]:
    """What stands above a statement: a gap, and its cell's name where that is another one than before."""
    if before is None or before.cell != statement.cell:
        return ["", f"# {statement.cell.name}"]
    return [""] if before.last + 1 != statement.first else []


def gather(wanted: Mapping[str, tuple[str, Namespace]], cells: Sequence[Cell]) -> Gathered:
    """The text of functions: by the name that the exercise wants, the name that one has, and its namespace.

    Raises:
        NoSource: the text of one of them, or of something that it uses, cannot be had.
    """
    gatherer = Gatherer(cells)
    for own, namespace in wanted.values():
        gatherer.need(own, namespace)
    return gatherer.gathered([f"{name} = {own}" for name, (own, _) in wanted.items() if name != own])


def _as_a_line(name: str, value: object) -> str | None:
    """The line that makes a module or a plain value again; None for what needs its own statement."""
    if isinstance(value, ModuleType):
        _refuse_own(value.__name__)
        return f"import {value.__name__}" + (f" as {name}" if value.__name__ != name else "")
    if isinstance(value, float) and not math.isfinite(value):
        return None
    plain = value is None or type(value) in (bool, int, float, str)
    return f"{name} = {value!r}" if plain and len(repr(value)) < 200 else None


def _codes(value: object) -> Iterator[CodeType]:
    """The code of a function, under its decorators, or of a class's methods."""
    own = inspect.unwrap(value) if callable(value) else value
    for candidate in (own, *(vars(own).values() if isinstance(own, type) else ())):
        code = getattr(candidate, "__code__", None)
        if isinstance(code, CodeType):
            yield code


def _only_adds(statement: Statement, name: str) -> bool:
    tree = parse(statement.text)
    binding = [node for node in tree.body if Source(ast.unparse(node)).binds(name)] if tree else []
    return all(isinstance(node, ast.AugAssign) for node in binding)


def _refuse_own_modules(statement: Statement) -> None:
    tree = parse(statement.text)
    for node in tree.body if tree else ():
        if isinstance(node, ast.ImportFrom) and node.module:
            _refuse_own(node.module)


def _refuse_own(module: str) -> None:
    """A module that lies beside the notebook cannot be imported where a submission is run."""
    top = sys.modules.get(module.partition(".")[0])
    file = getattr(top, "__file__", None)
    if not isinstance(file, str):
        return
    here, path = Path.cwd().resolve(), Path(file).resolve()
    if path.is_relative_to(here) and not path.is_relative_to(Path(sys.prefix).resolve()):
        raise NoSource(
            f"`{module}` is a file of your own ({path.name}), which is not there where submissions are"
            " run: put what you need of it into a cell, or check that file."
        )
