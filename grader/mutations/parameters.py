"""Mistakes with how and where parameters are made."""

from __future__ import annotations

import ast
from collections.abc import Callable

from grader.mutations import shapes
from grader.mutations.program import Edit, Mistake, Program, mistake


def _none_require_grad(program: Program) -> ast.stmt | None:
    for maker in (found := program.makers):
        shapes.forget_gradient(maker)
    return found[0] if found else None


def _one_does_not_require_grad(program: Program) -> ast.stmt | None:
    found = program.makers
    if len(found) < 2:
        return None
    shapes.forget_gradient(found[-1])
    return found[-1]


def _each_call(change: Callable[[ast.Call], bool]) -> Edit:
    """An edit of the call that makes each parameter. ``change`` says whether it changed anything."""

    def edit(program: Program) -> ast.stmt | None:
        calls = [(maker, shapes.factory(maker)) for maker in program.makers]
        changed = [maker for maker, call in calls if call is not None and change(call)]
        return changed[0] if changed else None

    return edit


def _dtype(name: str) -> Edit:
    def change(call: ast.Call) -> bool:
        call.keywords = [k for k in call.keywords if k.arg != "dtype"]
        call.keywords.insert(0, ast.keyword("dtype", shapes.expression(f"torch.{name}")))
        return True

    return _each_call(change)


def _integers(call: ast.Call) -> bool:
    """``torch.tensor([0])`` in the place of ``torch.zeros(1)``."""
    size = shapes.size(call)
    if size is not None:
        call.func = shapes.expression("torch.tensor")
        call.args = [shapes.expression(repr([0] * size))]
        call.keywords = [k for k in call.keywords if k.arg != "dtype"]
    return size is not None


def _one_a_point(program: Program) -> ast.stmt | None:
    """Shape ``(N,)``."""
    return _sized(program, f"len({program.data[0]})") if program.data else None


def _square(program: Program) -> ast.stmt | None:
    """Shape ``(1, 1)``, with the data as columns."""
    made = _sized(program, "(1, 1)")
    x, y = program.data[:2] if len(program.data) > 1 else ("", "")
    if made is not None and x:
        program.at_start(shapes.code(f"{x}, {y} = {x}.reshape(-1, 1), {y}.reshape(-1, 1)"))
    return made


def _sized(program: Program, shape: str) -> ast.stmt | None:
    """Another shape for each parameter that is one number."""

    def change(call: ast.Call) -> bool:
        single = shapes.size(call) == 1
        call.args = [shapes.expression(shape)] if single else call.args
        return single

    return _each_call(change)(program)


def _scaled(program: Program) -> ast.stmt | None:
    """``torch.zeros(1, requires_grad=True) * 0.5``."""
    for maker in (found := program.makers):
        maker.value = ast.BinOp(maker.value, ast.Mult(), ast.Constant(0.5))
    return found[0] if found else None


def _in_the_loop(program: Program) -> ast.stmt | None:
    """The parameters, and what is made of them before the loop, are made at every step."""
    loop, made = program.loop, program.makers
    if loop is None or not made:
        return None
    around = program.block(loop)
    names = set(program.parameters)
    moved = [s for s in around[: around.index(loop)] if s in made or _mentions(s, names)]
    for statement in moved:
        around.remove(statement)
    loop.body[:0] = moved
    return made[0] if made[0] in moved else None


def _mentions(statement: ast.stmt, names: set[str]) -> bool:
    return any(node.id in names for node in shapes.of_type(statement, ast.Name))


MISTAKES: tuple[Mistake, ...] = (
    mistake("requires_grad dropped", "missing-requires-grad", _none_require_grad),
    mistake("requires_grad dropped on one", "missing-requires-grad", _one_does_not_require_grad),
    mistake("float64 parameters", "double-precision", _dtype("float64")),
    mistake("bfloat16 parameters", "wrong-dtype", _dtype("bfloat16")),
    mistake("integer parameters", "integer-tensor", _each_call(_integers)),
    mistake("one parameter a data point", "wrong-shape", _one_a_point),
    mistake("parameters of shape (1, 1)", "wrong-shape", _square),
    mistake("scaled after requires_grad", "non-leaf-parameter", _scaled),
    mistake("parameters made in the loop", "parameters-reset", _in_the_loop),
)
