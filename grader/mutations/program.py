"""The parts of a training program, found in its syntax tree, and the ways to edit them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from grader.curve import CurveFit
from grader.mutations import shapes

ANYWHERE = ast.Pass()
"""Returned by an edit whose finding may point at any line: a statement of no program."""


class Program:
    """A reference whose tree may be edited. Every part is None or empty where the program has none."""

    def __init__(self, source: str, exercise: CurveFit) -> None:
        self.exercise = exercise
        self.tree = shapes.with_named_loss(ast.parse(source))
        functions = shapes.of_type(self.tree, ast.FunctionDef)
        entries = [f for f in functions if f in self.tree.body and f.name == exercise.entry.name]
        self.entry = entries[0] if entries else None
        self.helpers = {f.name for f in functions if f is not self.entry}
        loops = [n for n in ast.walk(self.tree) if isinstance(n, ast.For | ast.While)]
        self.loop = next((loop for loop in loops if shapes.is_training(loop)), None)
        """The outermost loop that makes backward passes."""

    # What there is -------------------------------------------------------------------------------

    @property
    def data(self) -> tuple[str, ...]:
        """What the entry function calls its arguments."""
        return tuple(a.arg for a in self.entry.args.args) if self.entry else ()

    @property
    def makers(self) -> list[ast.Assign]:
        """The statements that make parameters, in order."""
        assignments = [s for s in shapes.statements(self.tree) if isinstance(s, ast.Assign)]
        return [s for s in assignments if shapes.makes_leaf(s) and shapes.names_bound(s)]

    @property
    def parameters(self) -> list[str]:
        """The names that parameters are made under."""
        return [name for maker in self.makers for name in shapes.names_bound(maker)]

    @property
    def updates(self) -> list[ast.stmt]:
        return [s for s in self._in_loop() if shapes.is_update(s)]

    @property
    def zeroings(self) -> list[ast.stmt]:
        return [s for s in self._in_loop() if shapes.is_zeroing(s)]

    @property
    def backward(self) -> ast.stmt | None:
        return next((s for s in self._in_loop() if shapes.is_backward(s)), None)

    @property
    def forward(self) -> list[ast.stmt]:
        """The statements of a step that come before its backward pass."""
        if self.backward is None:
            return []
        block = self.block(self.backward)
        return block[: block.index(self.backward)]

    @property
    def loss(self) -> ast.Assign | None:
        """The statement that computes what ``backward()`` is called on."""
        return self._bound_in_forward(shapes.walked_name(self.backward)) if self.backward else None

    @property
    def residual(self) -> shapes.Residual | None:
        """Where the prediction meets the target."""
        if len(self.data) < 2:
            return None
        found = (shapes.residual(s, self.data[1]) for s in self.forward)
        return next((r for r in found if r is not None), None)

    @property
    def prediction(self) -> ast.stmt | None:
        """The statement that computes the prediction."""
        residual = self.residual
        if residual is None:
            return None
        named = residual.prediction.id if isinstance(residual.prediction, ast.Name) else None
        return self._bound_in_forward(named) or residual.statement

    def inner_loop(self, statement: ast.stmt) -> ast.For | None:
        """The loop over parameters, inside the training loop, that ``statement`` works in."""
        name = shapes.owner(statement)
        for loop in shapes.of_type(self.loop, ast.For) if self.loop else []:
            if loop is not self.loop and statement in shapes.statements(loop):
                bound = [n.id for n in shapes.of_type(loop.target, ast.Name)]
                if name in bound:
                    return loop
        return None

    def seen(self, statement: ast.stmt | None) -> ast.stmt | None:
        """``statement`` as a place to point at: what it leaves to a helper happens on another line."""
        calls = shapes.of_type(statement, ast.Call) if statement is not None else []
        if any(isinstance(call.func, ast.Name) and call.func.id in self.helpers for call in calls):
            return ANYWHERE
        return statement

    def _in_loop(self) -> list[ast.stmt]:
        return shapes.statements(self.loop) if self.loop is not None else []

    def _bound_in_forward(self, name: str | None) -> ast.Assign | None:
        bound = [s for s in self.forward if isinstance(s, ast.Assign) and name in shapes.names_bound(s)]
        return bound[-1] if bound else None

    # What can be done ----------------------------------------------------------------------------

    def block(self, statement: ast.stmt) -> list[ast.stmt]:
        """The list of statements that ``statement`` stands in."""
        return self._home(statement)[1]

    def replace(self, statement: ast.stmt, new: Sequence[ast.stmt]) -> None:
        block = self.block(statement)
        place = block.index(statement)
        block[place : place + 1] = new

    def remove(self, statement: ast.stmt) -> None:
        """Take a statement away, and the block around it that would be left with none."""
        holder, block = self._home(statement)
        if len(block) > 1:
            block.remove(statement)
        elif isinstance(holder, ast.For | ast.With | ast.If) and holder is not self.loop:
            self.remove(holder)
        else:
            block[:] = [ast.Pass()]

    def before(self, statement: ast.stmt, new: Sequence[ast.stmt]) -> None:
        self.replace(statement, [*new, statement])

    def after(self, statement: ast.stmt, new: Sequence[ast.stmt]) -> None:
        self.replace(statement, [statement, *new])

    def at_start(self, new: Sequence[ast.stmt]) -> None:
        """Put statements at the start of the entry function, below its docstring."""
        if self.entry is not None:
            place = 0 if ast.get_docstring(self.entry) is None else 1
            self.entry.body[place:place] = new

    def body(self, new: Sequence[ast.stmt]) -> None:
        """Put statements in the place of the entry function's own."""
        if self.entry is not None:
            self.entry.body[0 if ast.get_docstring(self.entry) is None else 1 :] = new

    def text(self) -> str:
        """The program as it is now."""
        return ast.unparse(ast.fix_missing_locations(self.tree)) + "\n"

    def line_of(self, statement: ast.stmt) -> int | None:
        """The line of a statement in ``text()``; None for one that is not in the tree.

        A tree that was edited knows no lines. Its text, parsed again, has the same statements in the same
        order.
        """
        here = [node for node in ast.walk(self.tree) if isinstance(node, ast.stmt)]
        there = [node for node in ast.walk(ast.parse(self.text())) if isinstance(node, ast.stmt)]
        pairs = zip(here, there, strict=True)
        return next((new.lineno for old, new in pairs if old is statement), None)

    def _home(self, statement: ast.stmt) -> tuple[ast.AST, list[ast.stmt]]:
        return next(home for home in _blocks(self.tree) if any(s is statement for s in home[1]))


Edit = Callable[[Program], ast.stmt | None]
"""Makes one mistake. Returns the statement that the finding must point at, ``ANYWHERE``, or None where the
program has nothing to edit."""


@dataclass(frozen=True)
class Mistake:
    """One edit, in words, and the pitfalls that it may be caught as."""

    name: str
    expected: tuple[str, ...]
    edit: Edit


def mistake(name: str, expected: str, edit: Edit) -> Mistake:
    return Mistake(name, (expected,), edit)


def _blocks(tree: ast.AST) -> Iterator[tuple[ast.AST, list[ast.stmt]]]:
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list):
                yield node, block
