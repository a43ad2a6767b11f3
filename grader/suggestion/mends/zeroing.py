"""Gradients are cleared, each of them, after the update that used it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from grader.records import Finding
from grader.suggestion.nodes import is_none, is_zeroing, method_of, of_type, owner_of
from grader.suggestion.program import Program
from grader.suggestion.text import CannotEdit, Change, Edit


def the_gradient_instead(program: Program, finding: Finding) -> Iterator[Change]:
    """``w = b = None``, ``w.zero_()``: it is the gradient that was meant."""
    here = program.here
    alike = program.alike(here)
    if method_of(here) == "zero_":
        zeroed = [s for s in of_type(program.loop, ast.Expr) if method_of(s) == "zero_" and not is_zeroing(s)]
        alike = [*zeroed] if here in zeroed else alike
    yield [edit for statement in alike for edit in _of_the_gradient(program, statement)]


def the_gradient_of_the_loop_variable(program: Program, finding: Finding) -> Iterator[Change]:
    """``p = None`` in a loop over the parameters."""
    loops = of_type(program.loop, ast.For)
    variables = {name.id for loop in loops for name in of_type(loop.target, ast.Name)}
    for statement in of_type(program.loop, ast.Assign):
        if is_none(statement.value) and all(ast.unparse(t) in variables for t in statement.targets):
            yield _of_the_gradient(program, statement)


def _of_the_gradient(program: Program, statement: ast.stmt) -> list[Edit]:
    if isinstance(statement, ast.Assign) and is_none(statement.value):
        return [program.text.after(target, ".grad") for target in statement.targets]
    if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
        raise CannotEdit("no clearing")
    owner = owner_of(statement.value)
    if isinstance(owner, ast.Attribute) and owner.attr == "data":
        return [program.text.replace(owner, program.text.of(owner.value) + ".grad")]
    return [program.text.after(owner, ".grad")]


def every_one(program: Program, finding: Finding) -> Iterator[Change]:
    """``for p in parameters[1:]`` leaves one out; ``if p is not w`` as well."""
    for loop in of_type(program.loop, ast.For):
        if isinstance(loop.iter, ast.Subscript) and all(map(is_zeroing, loop.body)):
            yield [program.text.replace(loop.iter, program.text.of(loop.iter.value))]
    for skip in of_type(program.loop, ast.If):
        if all(map(is_zeroing, skip.body)) and not skip.orelse:
            to = program.text.indentation(skip)
            yield [
                program.text.remove_line(skip.lineno),
                *program.text.dedent(skip.body[0], skip.body[-1], to),
            ]


def where_it_is_moved(program: Program, finding: Finding) -> Iterator[Change]:
    """In the loop over the parameters, each is cleared where it has been moved."""
    for update in program.updates:
        loop = program.inner_loop(update)
        if loop is not None and isinstance(loop.target, ast.Name):
            last = program.child_with(loop.body, update)
            yield [program.text.below(last, f"{loop.target.id}.grad = None")]


def after_the_updates(program: Program, finding: Finding) -> Iterator[Change]:
    """A line for each gradient that was forgotten, below the clearing of others, else below the updates."""
    lines = _clearings(finding)
    if is_zeroing(program.here):
        yield [program.text.below(program.here, *lines)]
    if program.updates:
        last = program.child_with(program.loop.body, program.updates[-1])
        yield [program.text.below(last, *lines)]


def before_the_backward_pass(program: Program, finding: Finding) -> Iterator[Change]:
    yield [program.text.above(program.backward, *_clearings(finding))]


def before_they_are_returned(program: Program, finding: Finding) -> Iterator[Change]:
    """``return w.grad, b.grad``: what is returned is kept by name, and the parameters' own are cleared."""
    last = program.entry.body[-1]
    if isinstance(last, ast.Return) and last.value is not None:
        read = dict.fromkeys(
            ast.unparse(node) for node in of_type(last, ast.Attribute) if node.attr == "grad"
        )
        if read:
            kept = f"gradients = {program.text.of(last.value)}"
            cleared = " = ".join([*read, "None"])
            yield [program.text.above(last, kept, cleared), program.text.replace(last.value, "gradients")]


def before_the_end(program: Program, finding: Finding) -> Iterator[Change]:
    """Where the exercise asks for clear gradients: before the function returns."""
    lines = _clearings(finding)
    last = program.entry.body[-1]
    yield (
        [program.text.above(last, *lines)]
        if isinstance(last, ast.Return)
        else [program.text.below(last, *lines)]
    )


def _clearings(finding: Finding) -> list[str]:
    forgotten = finding.evidence.get("forgotten", ())
    if not forgotten:
        raise CannotEdit("no gradient is named")
    return [f"{name} = None" for name in forgotten]


def below_the_updates(program: Program, finding: Finding) -> Iterator[Change]:
    """The clearing that comes too early goes below what uses the gradients."""
    here = program.here
    inner = program.inner_loop(here)
    units = [here] if inner is None or not all(map(is_zeroing, inner.body)) else [inner]
    if units == [here]:
        units = [s for s in program.block(here) if is_zeroing(s)]
    block = program.block(units[0])
    after = block[block.index(units[-1]) + 1 :]
    using = [s for s in after if any(u in of_type(s, ast.stmt) for u in program.updates)]
    yield _moved(program, units, [*using, *after][len(using) - 1 if using else -1])
    yield _moved(program, units, block[-1])


def _moved(program: Program, units: Sequence[ast.stmt], below: ast.stmt) -> Change:
    lines = [line for unit in units for line in program.text.block_text(unit, unit)]
    return [*(program.text.remove(unit) for unit in units), program.text.below(below, *lines)]


def forgotten_method(program: Program, finding: Finding) -> Iterator[Change]:
    """What was cleared is a copy: ``p.grad.clone().zero_()``."""
    here = program.here
    if isinstance(here, ast.Expr) and method_of(here) == "zero_":
        yield [program.text.replace(here, line) for line in _clearings(finding)[:1]]


MENDS = {
    "stale-gradient": (
        the_gradient_of_the_loop_variable, every_one, after_the_updates, where_it_is_moved,
        before_they_are_returned, before_the_backward_pass, before_the_end, forgotten_method,
    ),
    "gradient-cleared-too-early": (below_the_updates,),
    "cleared-parameter": (the_gradient_instead,),
}  # fmt: skip
