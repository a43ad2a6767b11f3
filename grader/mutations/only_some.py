"""Forgetting one parameter of several, in whatever way a program treats them all."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from grader.mutations import shapes
from grader.mutations.program import Program


def all_but_one(program: Program, treatments: Sequence[ast.stmt]) -> list[ast.stmt]:
    """Leave one parameter out of what is done to each; the statements that are left, none where there is
    only one parameter, or where it cannot be told how they are gone through."""
    looped = [(s, loop) for s in treatments if (loop := program.inner_loop(s)) is not None]
    if looped:
        statement, loop = looped[0]
        return [statement] if _skip_first(program, loop, statement) else []
    if len({shapes.owner(statement) for statement in treatments}) < 2:
        return []
    program.remove(treatments[-1])
    return list(treatments[:-1])


def _skip_first(program: Program, loop: ast.For, statement: ast.stmt) -> bool:
    several = len(program.parameters) > 1
    if several and loop.body == [statement] and _is_sequence(loop.iter):
        loop.iter = ast.Subscript(loop.iter, ast.Slice(ast.Constant(1)), ast.Load())
    elif several:
        skip = shapes.code(f"if {shapes.owner(statement)} is not {program.parameters[0]}:\n    pass")
        program.replace(statement, skip)
        skip[0].body = [statement]  # type: ignore[attr-defined]
    return several


def _is_sequence(node: ast.expr) -> bool:
    return isinstance(node, ast.Name | ast.Tuple | ast.List)
