"""As many steps, and as large, as were asked for."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.records import Finding
from grader.suggestion.mends.graph import without_keyword
from grader.suggestion.nodes import binds, keyword_of, method_of, of_type
from grader.suggestion.program import Program
from grader.suggestion.text import CannotEdit, Change, Edit

RATE, STEPS = 2, 3
"""Where the learning rate and the number of steps stand among what a fit is given."""


def the_steps_given(program: Program, finding: Finding) -> Iterator[Change]:
    steps, loop = program.argument(STEPS), program.loop
    counted = loop.iter if isinstance(loop, ast.For) else None
    if not isinstance(counted, ast.Call) or ast.unparse(counted.func) != "range" or not counted.args:
        raise CannotEdit("no loop over a range")
    limit = counted.args[0 if len(counted.args) == 1 else 1]
    if ast.unparse(limit) != steps:
        yield [program.text.replace(limit, steps)]
    yield from _as_given(program, steps)


def the_rate_given(program: Program, finding: Finding) -> Iterator[Change]:
    rate = program.argument(RATE)
    yield from _as_given(program, rate)
    for statement in of_type(program.entry, ast.Assign):
        names = [t.id for t in statement.targets if isinstance(t, ast.Name)]
        used = any(name.id in names for update in program.updates for name in of_type(update, ast.Name))
        if names and rate not in names and used and _is_arithmetic(statement.value):
            yield [program.text.replace(statement.value, rate)]
    numbers = [n for update in program.updates for n in of_type(update, ast.Constant)]
    yield [program.text.replace(n, rate) for n in numbers if isinstance(n.value, int | float)]


def _as_given(program: Program, name: str) -> Iterator[Change]:
    """Nothing is bound anew to what was given."""
    for statement in program.entry.body:
        if isinstance(statement, ast.Assign) and binds(statement, ast.Name(name)):
            yield [program.text.remove(statement)]
        if isinstance(statement, ast.AugAssign) and ast.unparse(statement.target) == name:
            yield [program.text.remove(statement)]


def _is_arithmetic(value: ast.expr) -> bool:
    return all(isinstance(node, _ARITHMETIC) for node in ast.walk(value))


_ARITHMETIC = (ast.BinOp, ast.UnaryOp, ast.Constant, ast.Name, ast.operator, ast.unaryop, ast.expr_context)


def the_mean(program: Program, finding: Finding) -> Iterator[Change]:
    """A sum over the points makes steps as many times too large."""
    for call in of_type(program.entry, ast.Call):
        if method_of(call) == "sum" and isinstance(call.func, ast.Attribute):
            yield [program.text.rename(call.func, "mean")]
        elif (summed := keyword_of(call, "reduction")) is not None:
            yield [without_keyword(program, call, summed)]


def more_steps(program: Program, finding: Finding) -> Iterator[Change]:
    """A script that stops too soon goes on ten times as long."""
    loop = program.loop
    for number in _count(program, loop):
        yield [program.text.after(number, "0")]


def _count(program: Program, loop: ast.For | ast.While) -> Iterator[ast.Constant]:
    counted = loop.iter if isinstance(loop, ast.For) else None
    limits = counted.args[-1:] if isinstance(counted, ast.Call) else []
    names = {name.id for limit in limits for name in of_type(limit, ast.Name)}
    bound = [
        s.value
        for s in of_type(program.text.tree, ast.Assign)
        if any(isinstance(t, ast.Name) and t.id in names for t in s.targets)
    ]
    for value in [*limits, *bound]:
        if isinstance(value, ast.Constant) and type(value.value) is int:
            yield value


def a_smaller_step(program: Program, finding: Finding) -> Iterator[Change]:
    """A script's own rate, a tenth of it."""
    names = {name.id for update in program.updates for name in of_type(update, ast.Name)}
    for statement in of_type(program.text.tree, ast.Assign):
        value = statement.value
        named = any(isinstance(t, ast.Name) and t.id in names for t in statement.targets)
        if named and isinstance(value, ast.Constant) and isinstance(value.value, int | float):
            yield [program.text.replace(value, f"{value.value / 10:g}")]


def endless(program: Program, finding: Finding) -> Iterator[Change]:
    """A loop that nothing ends and that does nothing goes, and so does a wait."""
    here = program.here
    for loop in [here, *program.around(here)]:
        if isinstance(loop, ast.While) and _never_ends(loop):
            yield [program.text.remove(loop)]
    if isinstance(here, ast.Expr) and method_of(here) == "sleep":
        yield [program.text.remove(here)]


def _never_ends(loop: ast.While) -> bool:
    left = of_type(loop, ast.Break, ast.Return, ast.Raise)
    return isinstance(loop.test, ast.Constant) and bool(loop.test.value) and not left


def silent(program: Program, finding: Finding) -> Iterator[Change]:
    here = program.here
    if isinstance(here, ast.Expr) and ast.unparse(here).startswith("print("):
        yield [_or_pass(program, here)]


def _or_pass(program: Program, statement: ast.stmt) -> Edit:
    """A statement taken away; ``pass`` where it was all there was."""
    alone = len(program.block(statement)) == 1
    return program.text.replace(statement, "pass") if alone else program.text.remove(statement)


MENDS = {
    "undertrained": (the_steps_given, the_rate_given, more_steps),
    "diverged": (the_rate_given, the_mean, a_smaller_step),
    "time-limit": (endless,),
    "output-limit": (silent, endless),
}
