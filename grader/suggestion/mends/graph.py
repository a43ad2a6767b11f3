"""From the parameters to the loss the graph is whole, it is walked once, and nothing keeps it longer."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.records import Finding
from grader.suggestion.mends.updates import called
from grader.suggestion.nodes import (
    guard_decorators,
    is_backward,
    is_mentioned,
    keyword_of,
    method_of,
    of_type,
    owner_of,
)
from grader.suggestion.program import Program
from grader.suggestion.text import CannotEdit, Change, Edit

CUTS = ("detach", "item", "numpy", "tolist")
"""Methods that leave the graph behind."""


def walk_it(program: Program, finding: Finding) -> Iterator[Change]:
    """The loss is computed; its backward pass follows."""
    here = program.here
    if not isinstance(here, ast.Assign) or not isinstance(here.targets[0], ast.Name):
        raise CannotEdit("the loss has no name here")
    yield [program.text.below(here, f"{here.targets[0].id}.backward()")]


def walk_it_once(program: Program, finding: Finding) -> Iterator[Change]:
    """The second pass through the same graph goes."""
    here = program.here
    walks = [s for s in program.block(here) if isinstance(s, ast.Expr) and is_backward(s.value)]
    if here in walks and len(walks) > 1:
        kept = [k for s in walks if s is not here for k in _retaining(s)]
        yield [program.text.remove(here), *(_without(program, keyword) for keyword in kept)]
        yield [program.text.remove(here)]


def compute_it_in_the_loop(program: Program, finding: Finding) -> Iterator[Change]:
    """The forward pass, made once before the loop, is made at every step."""
    here, loop = program.here, program.loop
    if here not in program.block(loop):
        raise CannotEdit("not before the loop")
    lines = program.text.block_text(here, here)
    yield [
        program.text.remove(here),
        program.text.above(loop.body[0], *lines),
        *(_without(program, keyword) for keyword in _retaining(program.backward)),
    ]


def walk_it_for_all(program: Program, finding: Finding) -> Iterator[Change]:
    """Two ``autograd.grad`` of one loss become one that asks for both."""
    here = program.here
    calls = [s for s in program.block(here) if isinstance(s, ast.Assign) and is_backward(s.value)]
    first = calls[0] if len(calls) == 2 and here is calls[1] else None
    if first is None or not isinstance(here, ast.Assign):
        raise CannotEdit("not two of them")
    targets = [_only(statement.targets[0]) for statement in (first, here)]
    asked = [statement.value.args for statement in (first, here) if isinstance(statement.value, ast.Call)]
    inputs = ", ".join(ast.unparse(_only(arguments[1])) for arguments in asked)
    loss = program.text.of(asked[0][0])
    line = f"{', '.join(map(ast.unparse, targets))} = {program.torch}.autograd.grad({loss}, [{inputs}])"
    yield [program.text.replace(first, line), program.text.remove(here)]


def _only(node: ast.expr) -> ast.expr:
    if isinstance(node, ast.Tuple | ast.List) and len(node.elts) == 1:
        return node.elts[0]
    return node


def _retaining(root: ast.AST) -> list[tuple[ast.Call, ast.keyword]]:
    found = ((call, keyword_of(call, "retain_graph")) for call in of_type(root, ast.Call))
    return [(call, keyword) for call, keyword in found if keyword is not None]


def _without(program: Program, held: tuple[ast.Call, ast.keyword]) -> Edit:
    return without_keyword(program, *held)


def without_keyword(program: Program, call: ast.Call, keyword: ast.keyword) -> Edit:
    """A call without one of its arguments, and the comma that parted it from the others."""
    given: list[ast.AST] = [*call.args, *call.keywords]
    given.sort(key=program.text.span)
    index = given.index(keyword)
    start, end = program.text.span(keyword)
    if index > 0:
        start = program.text.span(given[index - 1])[1]
    elif len(given) > 1:
        end = program.text.span(given[1])[0]
    return Edit(start, end, "")


def recorded(program: Program, finding: Finding) -> Iterator[Change]:
    """The forward pass comes out of ``with torch.no_grad():``; what moves parameters stays in it."""
    guard, text = program.guard(program.here), program.text
    if guard is None:
        raise CannotEdit("no guard around it")
    to = text.indentation(guard)
    staying = [
        s for s in guard.body if s in program.updates or set(of_type(s, ast.stmt)) & set(program.updates)
    ]
    if not staying:
        yield [text.remove_line(guard.lineno), *text.dedent(guard.body[0], guard.body[-1], to)]
        return
    passed = guard.body[: guard.body.index(staying[0])]
    if not passed:
        raise CannotEdit("the updates come first")
    header = text.lines[guard.lineno - 1].strip()
    yield [
        text.remove_line(guard.lineno),
        *text.dedent(passed[0], passed[-1], to),
        text.above(staying[0], header, indentation=to),
    ]


def unrecorded(program: Program, finding: Finding) -> Iterator[Change]:
    """An evaluation is made under ``no_grad``: its statement, or all from there on."""
    here = program.here
    for last in (here, program.block(here)[-1]):
        yield program.text.wrapped(here, last, f"with {program.torch}.no_grad():")


def undecorated(program: Program, finding: Finding) -> Iterator[Change]:
    for function in program.around(program.here):
        if isinstance(function, ast.FunctionDef) and (guards := guard_decorators(function)):
            yield [program.text.remove_line(guard.lineno) for guard in guards]


def uncut(program: Program, finding: Finding) -> Iterator[Change]:
    """Nothing between the parameters and the loss leaves the graph."""
    here = program.here
    again = [s for s in program.block(here) if _asks_for_gradient(s, here)]
    removed = [program.text.remove(statement) for statement in again]
    value = here.value if isinstance(here, ast.Assign) else None
    if isinstance(here, ast.Assign) and isinstance(value, ast.Call) and _copies(program, value):
        source = whole(program, value.args[0])
        if source == ast.unparse(here.targets[0]):
            yield [program.text.remove(here), *removed]
        else:
            yield [program.text.replace(value, source), *removed]
        return
    yield [*uncut_edits(program, here), *removed]


def _asks_for_gradient(statement: ast.stmt, here: ast.stmt) -> bool:
    """``loss.requires_grad = True``, ``loss.requires_grad_()``, of no leaf."""
    if statement.lineno <= here.lineno:
        return False
    if isinstance(statement, ast.Assign):
        target = statement.targets[0]
        return isinstance(target, ast.Attribute) and target.attr == "requires_grad"
    return isinstance(statement, ast.Expr) and method_of(statement) == "requires_grad_"


def _copies(program: Program, call: ast.Call) -> bool:
    return method_of(call) in ("tensor", "as_tensor", "Tensor") and call in program.factories(call)


def whole(program: Program, expression: ast.expr) -> str:
    """The text of an expression without what cuts it off."""
    if isinstance(expression, ast.Call) and method_of(expression) in CUTS and not expression.args:
        return whole(program, owner_of(expression))
    if isinstance(expression, ast.Attribute) and expression.attr == "data":
        return whole(program, expression.value)
    if isinstance(expression, ast.Call) and ast.unparse(expression.func) == "float":
        return whole(program, expression.args[0])
    return program.text.of(expression)


def uncut_edits(program: Program, root: ast.AST) -> list[Edit]:
    """Take every cut out of a statement."""
    edits: list[Edit] = []
    text = program.text
    for node in of_type(root, ast.Call, ast.Attribute):
        if isinstance(node, ast.Call) and method_of(node) in CUTS and not node.args:
            edits.append(text.cut_to(owner_of(node), node))
        elif isinstance(node, ast.Attribute) and node.attr == "data":
            edits.append(text.cut_to(node.value, node))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float":
            edits.append(Edit(text.span(node)[0], text.span(node.args[0])[0], ""))
            edits.append(Edit(text.span(node.args[0])[1], text.span(node)[1], ""))
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value) in ("math", "np", "numpy"):
            edits.append(text.replace(node.value, program.torch))
    if not edits:
        raise CannotEdit("nothing cuts it off here")
    return edits


def numbers_kept(program: Program, finding: Finding) -> Iterator[Change]:
    """What is kept of a step is its value, without the graph behind it."""
    here = program.here
    kept: list[ast.expr]
    if isinstance(here, ast.Expr) and isinstance(here.value, ast.Call) and here.value.args:
        kept = [here.value.args[-1]]
    elif isinstance(here, ast.AugAssign):
        kept = [here.value]
    elif isinstance(here, ast.Assign) and isinstance(here.value, ast.BinOp):
        operands = [here.value.left, here.value.right]
        kept = [each for each in operands if not is_mentioned(here.targets[0], each)]
    elif isinstance(here, ast.Assign):
        kept = [here.value]
    else:
        raise CannotEdit("nothing is kept here")
    kept = [
        part for each in kept for part in (each.elts if isinstance(each, ast.List | ast.Tuple) else [each])
    ]
    yield [edit for each in kept for edit in called(program, each, ".detach()")]


MENDS = {
    "missing-backward": (walk_it,),
    "repeated-backward": (walk_it_once, compute_it_in_the_loop, walk_it_for_all),
    "untracked-forward": (recorded, undecorated),
    "severed-graph": (uncut,),
    "tracked-evaluation": (unrecorded,),
    "retained-graph": (numbers_kept,),
}
