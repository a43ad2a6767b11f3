"""What the text of a submission says about places: its lines, its loops, the names that it binds.

Used to word messages and to point at lines; what a submission did is never judged from its text.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Sequence

from grader.records import CellLine, CellSpan, Place, Site
from grader.words import place

_LOOPS = (ast.For, ast.While, ast.AsyncFor)
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class Source:
    """A submission's text. Text that is no Python has lines, but no loops and no names.

    Lines are counted in the source that is run. ``place`` says where one is in what was handed in, which for
    a notebook is another matter: ``cells`` are where its code cells stand.
    """

    def __init__(self, text: str, cells: Sequence[CellSpan] = ()) -> None:
        # As Python counts them: a form feed, say, ends no line, though str.splitlines thinks so.
        self.lines = re.split(r"\r\n|\r|\n", text)
        if not self.lines[-1]:
            self.lines.pop()
        self._tree = parse(text)
        self._cells = tuple(cells)

    def place(self, number: int | None) -> Place | None:
        """Where line ``number`` is in the file that was handed in."""
        if number is None or not self._cells:
            return number
        cell = next((c for c in reversed(self._cells) if c.first <= number), self._cells[0])
        return CellLine(cell=cell.cell, line=min(max(1, number - cell.first + 1), max(1, cell.lines)))

    def where(self, number: int | None) -> str:
        """That in words, as in ``line 12`` or ``cell 3, line 2``; empty where there is no line."""
        found = self.place(number)
        return "" if found is None else place(found)

    def line(self, number: int | None) -> str | None:
        """The text of a line, counted from 1, without its newline; None where there is none."""
        if number is None or not 0 < number <= len(self.lines):
            return None
        return self.lines[number - 1].rstrip()

    def expression(self, site: Site | None) -> str | None:
        """The text of an expression on one line, at most 60 characters of it."""
        line = self.line(site.line) if site else None
        if site is None or line is None:
            return None
        text = line.encode()[site.column :]
        if site.end_line == site.line:
            text = line.encode()[site.column : site.end_column]
        found = text.decode(errors="replace").strip()
        return found if found and len(found) <= 60 else None

    def loop_around(self, lines: Sequence[int]) -> int | None:
        """The line of the loop that encloses the first of ``lines`` that is in one.

        ``lines`` is a call stack, innermost first: a loop that calls a helper encloses the helper's lines.
        Of nested loops the innermost counts.
        """
        for line in lines:
            loops = [loop.lineno for loop in self._loops() if _encloses(loop, line)]
            if loops:
                return max(loops)
        return None

    def share_a_loop(self, lines: Sequence[int], line: int) -> bool:
        """Whether some loop encloses one of ``lines`` and ``line`` as well."""
        around = [loop for loop in self._loops() if _encloses(loop, line)]
        return any(_encloses(loop, other) for loop in around for other in lines)

    def function_at(self, line: int) -> int | None:
        """The line of the innermost ``def`` around a line."""
        scopes = (n for n in self._nodes() if isinstance(n, _SCOPES) and _encloses(n, line))
        return max((scope.lineno for scope in scopes), default=None)

    def binds(self, name: str) -> bool:
        """Whether the module's own top level binds ``name``: a def, a class, an import, an assignment."""
        return self._tree is not None and name in set(_bound(self._tree.body))

    def takes(self, name: str, count: int) -> bool | None:
        """Whether the top-level function ``name`` takes ``count`` arguments by position; None if unsure."""
        if self._tree is None:
            return None
        for node in reversed(self._tree.body):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == name:
                return _takes(node.args, count)
        return None

    def definition(self, name: str) -> int | None:
        """The line of the top-level ``def`` of ``name``."""
        for node in reversed(self._tree.body if self._tree else []):
            if isinstance(node, _SCOPES) and node.name == name:
                return node.lineno
        return None

    def functions(self) -> tuple[str, ...]:
        """The names of the functions that the module defines at its top level."""
        body = self._tree.body if self._tree else []
        return tuple(n.name for n in body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef)))

    def last_return(self, name: str) -> int | None:
        """The line of the last ``return`` in the top-level function ``name``; of its ``def`` if none."""
        definition = self.definition(name)
        for node in reversed(self._tree.body if self._tree else []):
            if isinstance(node, ast.FunctionDef) and node.name == name:
                returns = [n.lineno for n in ast.walk(node) if isinstance(n, ast.Return)]
                return max(returns, default=definition)
        return definition

    def return_around(self, line: int | None) -> int | None:
        """The line that the ``return`` around ``line`` begins at; None where there is none."""
        found = (n for n in self._nodes() if isinstance(n, ast.Return) and _encloses(n, line or 0))
        return max((node.lineno for node in found), default=None)

    def bound_at(self, line: int | None) -> str | None:
        """The one name that the assignment on a line binds."""
        for node in self._nodes():
            if isinstance(node, ast.Assign) and node.lineno == line and len(node.targets) == 1:
                target = node.targets[0]
                return target.id if isinstance(target, ast.Name) else None
        return None

    def stores_into(self, name: str, loop: int | None) -> int | None:
        """The line that puts something into the container ``name``, in a loop if there is one in it."""
        around = next((node for node in self._loops() if node.lineno == loop), None)
        inside = list(ast.walk(around)) if around else []
        for node in [*inside, *self._nodes()]:
            if isinstance(node, (ast.Expr, ast.Assign, ast.AugAssign)) and _puts_into(node, name):
                return node.lineno
        return None

    def binds_none(self, name: str) -> int | None:
        """The last line that binds ``name`` to None."""
        lines = [
            node.lineno
            for node in self._nodes()
            if isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Constant)
            and node.value.value is None
            and any(isinstance(target, ast.Name) and target.id == name for target in node.targets)
        ]
        return max(lines, default=None)

    def _nodes(self) -> Iterator[ast.AST]:
        return ast.walk(self._tree) if self._tree else iter(())

    def _loops(self) -> Iterator[ast.For | ast.While | ast.AsyncFor]:
        return (node for node in self._nodes() if isinstance(node, _LOOPS))


def parse(text: str) -> ast.Module | None:
    """The syntax tree; None for text that Python cannot read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _encloses(node: ast.stmt | ast.AST, line: int) -> bool:
    start, end = getattr(node, "lineno", 0), getattr(node, "end_lineno", None)
    return start <= line <= (end or start)


def _puts_into(node: ast.Expr | ast.Assign | ast.AugAssign, name: str) -> bool:
    """``name.append(…)``, ``name[…] = …``, ``name += …``, ``name = name + …``."""
    if isinstance(node, ast.Expr):
        call = node.value
        method = call.func if isinstance(call, ast.Call) else None
        return isinstance(method, ast.Attribute) and _is_name(method.value, name)
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return any(_is_name(t.value if isinstance(t, ast.Subscript) else t, name) for t in targets)


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, (ast.Name, ast.Attribute)) and ast.unparse(node) == name


def _bound(body: Sequence[ast.stmt]) -> Iterator[str]:
    for node in body:
        if isinstance(node, _SCOPES):
            yield node.name
            continue
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from ((alias.asname or alias.name).split(".")[0] for alias in node.names)
            continue
        inner = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt)]
        inner += [s for h in getattr(node, "handlers", []) for s in h.body]
        yield from _bound(inner)
        for child in ast.walk(node) if not inner else _heads(node):
            if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
                yield child.id


def _heads(node: ast.stmt) -> Iterator[ast.AST]:
    """The nodes of a compound statement's own line: a loop's target, a with's name."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.stmt):
            yield from ast.walk(child)


def _takes(arguments: ast.arguments, count: int) -> bool:
    positional = [*arguments.posonlyargs, *arguments.args]
    required = len(positional) - len(arguments.defaults)
    needs_keyword = any(default is None for default in arguments.kw_defaults)
    fits = required <= count and (count <= len(positional) or arguments.vararg is not None)
    return fits and not needs_keyword
