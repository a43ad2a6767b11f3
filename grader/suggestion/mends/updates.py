"""Parameters move in place, under ``no_grad``, each by its own gradient, downhill, and all of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import TypeGuard

from grader.records import Finding
from grader.suggestion.nodes import is_gradient, is_mentioned, method_of, of_type, owner_of, parts
from grader.suggestion.program import Program
from grader.suggestion.text import CannotEdit, Change, Edit

OPPOSITE = {"add_": "sub_", "sub_": "add_", "add": "sub", "sub": "add"}


def under_no_grad(program: Program, finding: Finding) -> Iterator[Change]:
    group = program.alike(program.here)
    yield _guarded(program, group)
    loop = program.inner_loop(group[0])
    if loop is not None:
        yield _guarded(program, [loop])


def in_place(program: Program, finding: Finding) -> Iterator[Change]:
    """``w = w - …`` becomes ``w -= …``, under ``no_grad``; and the gradients are cleared, which a new tensor
    had not needed."""
    group = program.alike(program.here)
    edits = [edit for statement in group for edit in _in_place(program, statement)]
    guarded = program.is_guarded(program.here)
    guard = [] if guarded else _guarded(program, group)
    reads = [node for node in of_type(program.text.tree, ast.Attribute) if is_gradient(node)]
    cleared = [] if program.zeroings or not reads else [_cleared_below(program, group)]
    yield [*edits, *guard, *cleared]


def _cleared_below(program: Program, group: Sequence[ast.stmt]) -> Edit:
    """``w.grad = b.grad = None`` after the updates, and after what guards them; in a loop, in that."""
    in_loop = program.inner_loop(group[0]) is not None
    last = group[-1] if in_loop else program.guard(group[-1]) or group[-1]
    names = dict.fromkeys(moved_by(statement) for statement in group)
    return program.text.below(last, " = ".join([*(f"{name}.grad" for name in names), "None"]))


def a_fresh_leaf(program: Program, finding: Finding) -> Iterator[Change]:
    """``w = (w - …).detach().requires_grad_()``: the new tensor is a leaf, too."""
    made = ".requires_grad_()" if program.is_guarded(program.here) else ".detach().requires_grad_()"
    group = [statement for statement in program.alike(program.here) if isinstance(statement, ast.Assign)]
    yield [edit for statement in group for edit in called(program, statement.value, made)]


def in_place_each(program: Program, finding: Finding) -> Iterator[Change]:
    """A loop variable that is bound anew moves nothing."""
    here = program.here
    edits = _in_place(program, here)
    yield edits
    if not program.is_guarded(here):
        yield [*edits, *_guarded(program, program.alike(here))]
        if (loop := program.inner_loop(here)) is not None:
            yield [*edits, *_guarded(program, [loop])]


def every_one(program: Program, finding: Finding) -> Iterator[Change]:
    """``for p in parameters[1:]`` leaves one out; ``if p is not w`` as well."""
    loop = program.inner_loop(program.here)
    if loop is not None and isinstance(loop.iter, ast.Subscript):
        yield [program.text.replace(loop.iter, program.text.of(loop.iter.value))]
    for skip in program.around(program.here):
        if isinstance(skip, ast.If) and not skip.orelse and "grad" not in ast.unparse(skip.test):
            to = program.text.indentation(skip)
            dedented = program.text.dedent(skip.body[0], skip.body[-1], to)
            yield [program.text.remove_line(skip.lineno), *dedented]


def the_one_left_out(program: Program, finding: Finding) -> Iterator[Change]:
    """A line as that which moves another parameter."""
    here = program.here
    own = moved_by(here)
    lines = [
        _renamed(program, here, own, name) for name in finding.evidence.get("parameters", ()) if name != own
    ]
    yield [program.text.below(here, *lines)]


def _renamed(program: Program, statement: ast.stmt, old: str, new: str) -> str:
    text = program.text.of(statement)
    start, _ = program.text.span(statement)
    for node in reversed(of_type(statement, ast.Name)):
        if node.id == old:
            begin, end = (at - start for at in program.text.span(node))
            text = text.encode()[:begin].decode() + new + text.encode()[end:].decode()
    return text


def its_own_gradient(program: Program, finding: Finding) -> Iterator[Change]:
    here = program.here
    own = moved_by(here)
    wrong = [
        node
        for node in of_type(here, ast.Attribute)
        if node.attr == "grad" and ast.unparse(node.value) != own
    ]
    if wrong:
        yield [program.text.replace(node.value, own) for node in wrong]
        return
    others = [name for name in of_type(here, ast.Name) if name.id in program.gradient_names]
    for other in sorted(program.gradient_names - {name.id for name in others}):
        yield [program.text.replace(name, other) for name in others]


def a_gradient(program: Program, finding: Finding) -> Iterator[Change]:
    """What was subtracted is no gradient at all: the loss, say."""
    loss = program.loss().targets[0]
    group = [s for s in program.alike(program.here) if not program.mentions_gradient(s)]
    yield [
        program.text.replace(name, f"{moved_by(statement)}.grad")
        for statement in group
        for name in of_type(statement, ast.Name)
        if ast.unparse(name) == ast.unparse(loss)
    ]


def downhill(program: Program, finding: Finding) -> Iterator[Change]:
    """Every update that goes up its gradient goes down it."""
    yield [edit for update in program.updates if _is_uphill(update) for edit in _flipped(program, update)]
    yield [edit for update in program.alike(program.here) for edit in _flipped(program, update)]


def without_the_minus(program: Program, finding: Finding) -> Iterator[Change]:
    """The loss, or the step, was negated."""
    for root in (program.here, program.backward, program.loss()):
        negated = [n for n in of_type(root, ast.UnaryOp) if isinstance(n.op, ast.USub)]
        yield [Edit(program.text.span(n)[0], program.text.span(n)[0] + 1, "") for n in negated]


def _is_uphill(update: ast.stmt) -> bool:
    if isinstance(update, ast.AugAssign):
        return isinstance(update.op, ast.Add)
    value = update.value if isinstance(update, ast.Assign | ast.Expr) else None
    if isinstance(value, ast.BinOp):
        return isinstance(value.op, ast.Add)
    return value is not None and method_of(value) in ("add_", "add")


def _flipped(program: Program, update: ast.stmt) -> list[Edit]:
    if isinstance(update, ast.AugAssign) and isinstance(update.op, ast.Add | ast.Sub):
        return [_operator(program, update.target, "-" if isinstance(update.op, ast.Add) else "+")]
    value = update.value if isinstance(update, ast.Assign | ast.Expr) else None
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add | ast.Sub):
        return [_operator(program, value.left, "-" if isinstance(value.op, ast.Add) else "+")]
    called_on = value.func if isinstance(value, ast.Call) else None
    if isinstance(called_on, ast.Attribute) and called_on.attr in OPPOSITE:
        return [program.text.rename(called_on, OPPOSITE[called_on.attr])]
    raise CannotEdit("no sign")


def _operator(program: Program, left: ast.expr, new: str) -> Edit:
    """The ``+`` or ``-`` that follows an operand, which may stand in brackets."""
    _, end = program.text.span(left)
    after = program.text.between(end, end + 80)
    at = next((i for i, character in enumerate(after) if character in "+-"), None)
    if at is None or after[:at].strip(" )"):
        raise CannotEdit("no operator where it should be")
    return Edit(end + at, end + at + 1, new)


def _in_place(program: Program, statement: ast.stmt) -> list[Edit]:
    """Move what the statement would bind anew."""
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        raise CannotEdit("no rebinding")
    target, value, text = statement.targets[0], statement.value, program.text
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        lines = [f"{text.of(t)}.copy_({text.of(v)})" for t, v in zip(target.elts, value.elts, strict=True)]
        return [text.above(statement, *lines), text.remove(statement)]
    if _is_step(value) and _same_tensor(value.left, target):
        sign = "+=" if isinstance(value.op, ast.Add) else "-="
        (_, end), (_, left) = text.span(target), text.span(value.left)
        return [Edit(end, left, ""), _operator(program, value.left, sign)]
    method = method_of(value)
    if isinstance(value, ast.Call) and method in ("sub", "add") and _same_tensor(owner_of(value), target):
        arguments = text.between(text.span(value.func)[1], text.span(value)[1])
        return [text.replace(statement, f"{text.of(target)}.{method}_{arguments}")]
    if not is_mentioned(target, value):
        raise CannotEdit("bound to something else")
    return [text.replace(statement, f"{text.of(target)}.copy_({text.of(value)})")]


def _is_step(value: ast.expr) -> TypeGuard[ast.BinOp]:
    return isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add | ast.Sub)


def _same_tensor(read: ast.expr, bound: ast.expr) -> bool:
    """``w`` and ``w``, ``w.data`` or ``w.detach()``."""
    if isinstance(read, ast.Attribute) and read.attr == "data":
        read = read.value
    if isinstance(read, ast.Call) and method_of(read) == "detach":
        read = owner_of(read)
    return ast.unparse(read) == ast.unparse(bound)


def _guarded(program: Program, group: Sequence[ast.stmt]) -> list[Edit]:
    return program.text.wrapped(group[0], group[-1], f"with {program.torch}.no_grad():")


def moved_by(statement: ast.stmt) -> str:
    """What an update moves."""
    node: ast.expr
    if isinstance(statement, ast.AugAssign):
        node = statement.target
    elif isinstance(statement, ast.Assign) and len(list(parts(statement.targets[0]))) == 1:
        node = statement.targets[0]
    elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        node = owner_of(statement.value)
    else:
        raise CannotEdit("no update")
    if isinstance(node, ast.Attribute) and node.attr == "data":
        node = node.value
    return ast.unparse(node)


def called(program: Program, value: ast.expr, calls: str) -> list[Edit]:
    """``value`` with calls after it, in brackets where it needs them."""
    if isinstance(value, ast.Name | ast.Call | ast.Attribute | ast.Subscript):
        return [program.text.after(value, calls)]
    return [program.text.before(value, "("), program.text.after(value, ")" + calls)]


MENDS = {
    "tracked-inplace-update": (under_no_grad,),
    "tracked-rebinding": (in_place, a_fresh_leaf),
    "lost-requires-grad": (in_place, a_fresh_leaf),
    "unapplied-update": (in_place_each, every_one, the_one_left_out),
    "wrong-update": (its_own_gradient, a_gradient),
    "gradient-ascent": (downhill, without_the_minus),
}
