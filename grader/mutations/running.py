"""Programs that do not run to their end."""

from __future__ import annotations

import ast

from grader.mutations import shapes
from grader.mutations.program import ANYWHERE, Mistake, Program, mistake


def _not_written(program: Program) -> ast.stmt | None:
    new = shapes.code("raise NotImplementedError('to be done')")
    program.body(new)
    return new[0]


def _unknown_name(program: Program) -> ast.stmt | None:
    if program.loop is None:
        return None
    new = shapes.code("progress.update(1)")
    program.loop.body.extend(new)
    return new[0]


def _endless(program: Program) -> ast.stmt | None:
    program.at_start(shapes.code("while True:\n    pass"))
    return ANYWHERE


MISTAKES: tuple[Mistake, ...] = (
    mistake("not implemented", "not-implemented", _not_written),
    mistake("a name that is not defined", "runtime-error", _unknown_name),
    mistake("an endless loop", "time-limit", _endless),
)
