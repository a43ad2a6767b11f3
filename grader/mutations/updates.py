"""Mistakes with the update of the parameters."""

from __future__ import annotations

import ast

from grader.mutations import shapes
from grader.mutations.only_some import all_but_one
from grader.mutations.program import Mistake, Program, mistake


def _recorded(program: Program) -> ast.stmt | None:
    """``with torch.no_grad():`` is taken away from around the updates."""
    guards = [node for node in shapes.of_type(program.tree, ast.With) if _guards_updates(program, node)]
    updates = program.updates
    for guard in guards:
        program.replace(guard, guard.body)
    return updates[0] if guards else None


def _guards_updates(program: Program, node: ast.With) -> bool:
    inside = shapes.statements(node)
    return shapes.is_guard(node) and any(update in inside for update in program.updates)


def _rebound(program: Program) -> ast.stmt | None:
    return _rebind(program, loop_variable=False)


def _rebound_and_recorded(program: Program) -> ast.stmt | None:
    return _rebind(program, loop_variable=False, recorded=True)


def _rebound_loop_variable(program: Program) -> ast.stmt | None:
    return _rebind(program, loop_variable=True)


def _rebound_loop_variable_and_recorded(program: Program) -> ast.stmt | None:
    return _rebind(program, loop_variable=True, recorded=True)


def _rebind(program: Program, loop_variable: bool, recorded: bool = False) -> ast.stmt | None:
    """``w = w - ...`` in the place of ``w -= ...``."""
    updates = [u for u in program.updates if (program.inner_loop(u) is not None) is loop_variable]
    if not updates or (recorded and _recorded(program) is None):
        return None
    bound = [shapes.code(_out_of_place(update)) for update in updates]
    for update, new in zip(updates, bound, strict=True):
        program.replace(update, new)
    return bound[0][0]


def _out_of_place(update: ast.stmt) -> str:
    name = shapes.owner(update)
    call = shapes.method_call(update, "sub_", "add_")
    if isinstance(update, ast.AugAssign):
        made = ast.BinOp(ast.Name(str(name), ast.Load()), update.op, update.value)
        return f"{name} = {ast.unparse(made)}"
    if call is not None and isinstance(call.func, ast.Attribute):
        call.func.attr = call.func.attr.removesuffix("_")
    return f"{name} = {ast.unparse(update)}"


def _one_left_out(program: Program) -> ast.stmt | None:
    left = all_but_one(program, program.updates)
    return left[-1] if left else None


def _uphill(program: Program) -> ast.stmt | None:
    updates = program.updates
    for update in updates:
        _flip(update)
    return updates[0] if updates else None


def _flip(update: ast.stmt) -> None:
    if isinstance(update, ast.AugAssign):
        update.op = ast.Add() if isinstance(update.op, ast.Sub) else ast.Sub()
    call = shapes.method_call(update, "sub_", "add_")
    if call is not None and isinstance(call.func, ast.Attribute):
        call.func.attr = "add_" if call.func.attr == "sub_" else "sub_"


def _anothers_gradient(program: Program) -> ast.stmt | None:
    names, updates = program.parameters, program.updates
    if len(names) < 2 or not updates:
        return None
    last = updates[-1]
    # In a loop the last one's gradient, which nothing has cleared when the first one is moved.
    other = names[-1] if program.inner_loop(last) is not None else names[0]
    for gradient in shapes.gradients(last):
        gradient.value = ast.Name(other, ast.Load())
    return last


def _through_data(program: Program) -> ast.stmt | None:
    updates = program.updates
    for update in updates:
        _use_data(update)
    return updates[0] if updates else None


def _use_data(update: ast.stmt) -> None:
    data = ast.Attribute(ast.Name(str(shapes.owner(update)), ast.Load()), "data", ast.Store())
    call = shapes.method_call(update, "sub_", "add_")
    if isinstance(update, ast.AugAssign):
        update.target = data
    elif call is not None and isinstance(call.func, ast.Attribute):
        call.func.value = data


MISTAKES: tuple[Mistake, ...] = (
    mistake("no_grad dropped at the update", "tracked-inplace-update", _recorded),
    mistake("rebound under no_grad", "lost-requires-grad", _rebound),
    mistake("rebound while recording", "tracked-rebinding", _rebound_and_recorded),
    mistake("loop variable rebound", "unapplied-update", _rebound_loop_variable),
    mistake("loop variable rebound, recorded", "unapplied-update", _rebound_loop_variable_and_recorded),
    mistake("one parameter not updated", "unapplied-update", _one_left_out),
    mistake("sign of the step flipped", "gradient-ascent", _uphill),
    mistake("another parameter's gradient", "wrong-update", _anothers_gradient),
    mistake("updated through .data", "data-attribute-update", _through_data),
)
