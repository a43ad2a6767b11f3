"""Mistakes with what is handed back, and under which name it is asked for."""

from __future__ import annotations

import ast
from typing import TypeGuard

from grader.mutations import shapes
from grader.mutations.program import ANYWHERE, Edit, Mistake, Program, mistake


def _returned(each: str) -> Edit:
    """What is made of each parameter, or of each part of a packed one, is returned in its place."""

    def edit(program: Program) -> ast.stmt | None:
        last = _last_return(program)
        if last is None or last.value is None:
            return None
        given = last.value.elts[0] if _is_single(last.value) else last.value
        last.value = shapes.expression(f"tuple([{each} for part in {ast.unparse(given)}])")
        return last

    return edit


def _is_single(value: ast.expr) -> TypeGuard[ast.Tuple | ast.List]:
    """Whether the parameters are handed back packed, in a tuple of one."""
    return isinstance(value, ast.Tuple | ast.List) and len(value.elts) == 1


def _last_return(program: Program) -> ast.Return | None:
    returns = [s for s in program.entry.body if isinstance(s, ast.Return)] if program.entry else []
    return returns[-1] if returns else None


def _renamed(program: Program) -> ast.stmt | None:
    if program.entry is None:
        return None
    program.entry.name = f"my_{program.entry.name}"
    return ANYWHERE


def _one_argument_more(program: Program) -> ast.stmt | None:
    if program.entry is None:
        return None
    arguments = program.entry.args
    place = len(arguments.args) - len(arguments.defaults)
    arguments.args.insert(place, ast.arg("epochs"))
    return program.entry


MISTAKES: tuple[Mistake, ...] = (
    mistake("numbers returned", "wrong-return", _returned("part.item()")),
    mistake("detached copies returned", "missing-requires-grad", _returned("part.detach().clone()")),
    mistake("function renamed", "missing-entry-point", _renamed),
    mistake("one argument more", "wrong-signature", _one_argument_more),
)
