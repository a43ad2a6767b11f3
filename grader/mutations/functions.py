"""Mistakes made out of functions that must answer: each is one edit of one expression or statement."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from grader.calls import FunctionExercise
from grader.mutations.mutation import Mutation

Change = Callable[[ast.AST], "ast.AST | list[ast.stmt] | None"]
"""What stands in a node's place; None where the node is not the one to edit. An empty list removes it."""


@dataclass(frozen=True)
class FunctionMistake:
    """One edit, in words, and the pitfalls that it may be caught as."""

    name: str
    expected: tuple[str, ...]
    change: Change
    points: bool = True
    """Whether the finding must be at the line that was edited."""


def function_mutations(source: str, exercise: FunctionExercise) -> Iterator[Mutation]:
    """Every mistake that can be made out of a right program, one for each edit and function.

    Raises:
        SyntaxError: ``source`` is no Python.
    """
    right = ast.parse(source)
    for entry in exercise.functions:
        for mistake in MISTAKES:
            name = f"{entry.name}: {mistake.name}"
            made = _made(right, entry.name, mistake)
            if made is not None and name not in exercise.harmless_edits:
                yield Mutation(name, mistake.expected, *made)


def _made(right: ast.Module, function: str, mistake: FunctionMistake) -> tuple[str, int | None] | None:
    """The text of the program with the first such edit in a function, and its line."""
    tree = copy.deepcopy(right)
    edit = _Edit(mistake.change)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == function:
            edit.visit(node)
    if not edit.done:
        return None
    text = ast.unparse(ast.fix_missing_locations(tree)) + "\n"
    return text, _line_of(edit.place, tree, text) if mistake.points else None


def _line_of(place: ast.stmt | None, tree: ast.Module, text: str) -> int | None:
    """The line of a statement in ``text``: parsed again, it has the same statements in the same order."""
    here = [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]
    there = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.stmt)]
    pairs = zip(here, there, strict=True)
    return next((new.lineno for old, new in pairs if old is place), None)


class _Edit(ast.NodeTransformer):
    """Makes a change once, at the first node that it can be made at."""

    def __init__(self, change: Change) -> None:
        self._change = change
        self._statements: list[ast.stmt] = []
        self.done = False
        self.place: ast.stmt | None = None
        """The statement that was edited; None where it is there no more."""

    def visit(self, node: ast.AST) -> ast.AST | list[ast.stmt]:
        if self.done:
            return node
        if isinstance(node, ast.stmt):
            self._statements.append(node)
        new = self._change(node)
        if new is not None:
            self.done = True
            self.place = self._place(node, new)
            return new if new != [] else ast.Pass()
        visited: ast.AST = self.generic_visit(node)
        if isinstance(node, ast.stmt):
            self._statements.pop()
        return visited

    def _place(self, node: ast.AST, new: ast.AST | list[ast.stmt]) -> ast.stmt | None:
        if not isinstance(node, ast.stmt):
            return self._statements[-1]
        return new if isinstance(new, ast.stmt) else None


# --- the edits --------------------------------------------------------------------------------------------


def without_keyword(name: str, value: str | None = None) -> Change:
    """Leaves a keyword argument out of a call."""

    def change(node: ast.AST) -> ast.AST | None:
        if not isinstance(node, ast.Call):
            return None
        left = [k for k in node.keywords if k.arg != name or (value and ast.unparse(k.value) != value)]
        if len(left) == len(node.keywords):
            return None
        return ast.Call(node.func, node.args, left)

    return change


def with_keyword(name: str, old: str, new: str) -> Change:
    """Gives a keyword argument another value."""

    def change(node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.keyword) and node.arg == name and ast.unparse(node.value) == old:
            return ast.keyword(name, ast.parse(new, mode="eval").body)
        return None

    return change


def without_method(name: str) -> Change:
    """Leaves a method call out: ``x.mean()`` becomes ``x``."""

    def change(node: ast.AST) -> ast.AST | None:
        return node.func.value if _is_method(node, name) else None  # type: ignore[attr-defined]

    return change


def other_method(old: str, new: str) -> Change:
    """Calls another method, or another function of a module."""

    def change(node: ast.AST) -> ast.AST | None:
        if not _is_method(node, old):
            return None
        return ast.Call(ast.Attribute(node.func.value, new, ast.Load()), node.args, node.keywords)  # type: ignore[attr-defined]

    return change


def _is_method(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name


def product_by_element(node: ast.AST) -> ast.AST | None:
    """``a @ b`` becomes ``a * b``."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        return ast.BinOp(node.left, ast.Mult(), node.right)
    return None


def no_backward(node: ast.AST) -> list[ast.stmt] | None:
    """Leaves a call of ``backward`` out."""
    is_backward = isinstance(node, ast.Expr) and _is_method(node.value, "backward")
    return [] if is_backward else None


def no_clearing(node: ast.AST) -> list[ast.stmt] | None:
    """Leaves ``….grad = None`` out."""
    if not isinstance(node, ast.Assign) or ast.unparse(node.value) != "None":
        return None
    cleared = all(isinstance(t, ast.Attribute) and t.attr == "grad" for t in node.targets)
    return [] if cleared else None


def recording_on(node: ast.AST) -> ast.AST | list[ast.stmt] | None:
    """Takes ``no_grad`` away, the block or the decorator."""
    if isinstance(node, ast.With) and "no_grad" in ast.unparse(node.items[0]):
        return node.body
    if isinstance(node, ast.FunctionDef) and any("no_grad" in ast.unparse(d) for d in node.decorator_list):
        node.decorator_list = []
        return node
    return None


def rebinding(node: ast.AST) -> ast.AST | None:
    """``p -= d`` becomes ``p = p - d``."""
    if not isinstance(node, ast.AugAssign) or not isinstance(node.target, ast.Name):
        return None
    now = ast.Name(node.target.id, ast.Load())
    return ast.Assign([node.target], ast.BinOp(now, node.op, node.value))


def uphill(node: ast.AST) -> ast.AST | None:
    """``p -= d`` becomes ``p += d``."""
    if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Sub):
        return ast.AugAssign(node.target, ast.Add(), node.value)
    return None


def moved_after(node: ast.AST) -> ast.AST | None:
    """``randn(…, device=d, requires_grad=True)`` becomes ``randn(…, requires_grad=True).to(d)``."""
    if not isinstance(node, ast.Call) or not any(k.arg == "requires_grad" for k in node.keywords):
        return None
    device = next((k.value for k in node.keywords if k.arg == "device"), None)
    if device is None:
        return None
    made = ast.Call(node.func, node.args, [k for k in node.keywords if k.arg != "device"])
    return ast.Call(ast.Attribute(made, "to", ast.Load()), [device], [])


def only_the_first(node: ast.AST) -> ast.AST | None:
    """Returns the first of several things."""
    if isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
        return ast.Return(node.value.elts[0])
    return None


def nothing_returned(node: ast.AST) -> ast.AST | None:
    """Computes what was to be returned, and returns nothing."""
    if isinstance(node, ast.Return) and node.value is not None:
        return ast.Expr(node.value)
    return None


MISTAKES: tuple[FunctionMistake, ...] = (
    FunctionMistake("requires_grad left out", ("missing-requires-grad",), without_keyword("requires_grad")),
    FunctionMistake("made on the CPU", ("hardcoded-device",), without_keyword("device")),
    FunctionMistake("moved after requires_grad", ("moved-leaf",), moved_after),
    FunctionMistake("not moved", ("device-mismatch",), without_method("to")),
    FunctionMistake(
        "dtype left to torch", ("integer-tensor", "wrong-dtype"), without_keyword("dtype", "torch.float32")
    ),
    FunctionMistake(
        "float64", ("double-precision",), with_keyword("dtype", "torch.float32", "torch.float64")
    ),
    FunctionMistake("int32 labels", ("wrong-dtype",), with_keyword("dtype", "torch.int64", "torch.int32")),
    FunctionMistake("element by element", ("elementwise-product",), product_by_element),
    FunctionMistake(
        "summed, not averaged", ("inaccurate-result",), other_method("mean", "sum"), points=False
    ),
    FunctionMistake(
        "not averaged", ("wrong-shape", "non-scalar-backward", "runtime-error"), without_method("mean"), False
    ),
    FunctionMistake("shapes left as they come", ("silent-broadcast",), without_method("reshape")),
    FunctionMistake("ones, not zeros", ("inaccurate-result",), other_method("zeros_like", "ones_like")),
    FunctionMistake("seed left out", ("unseeded-randomness",), without_keyword("generator")),
    FunctionMistake("no backward", ("missing-backward",), no_backward, False),
    FunctionMistake("gradients never cleared", ("stale-gradient",), no_clearing, False),
    FunctionMistake(
        "recording left on", ("tracked-inplace-update", "tracked-evaluation"), recording_on, False
    ),
    FunctionMistake("rebound", ("unapplied-update",), rebinding),
    FunctionMistake("uphill", ("gradient-ascent",), uphill),
    FunctionMistake("a tensor comes back", ("wrong-return",), without_method("item"), False),
    FunctionMistake("only the first comes back", ("wrong-return",), only_the_first, False),
    FunctionMistake("nothing comes back", ("wrong-return", "hardcoded-device"), nothing_returned, False),
)
