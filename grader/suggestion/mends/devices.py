"""Tensors are made, and stay, where the data are."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.records import Finding
from grader.suggestion.mends.leaves import with_keyword
from grader.suggestion.nodes import keyword_of, method_of, of_type, owner_of, parts
from grader.suggestion.program import Program
from grader.suggestion.text import CannotEdit, Change, Edit

MOVES = ("cuda", "cpu", "to")


def with_the_data(program: Program, finding: Finding) -> Iterator[Change]:
    """``device=x.device`` where tensors are made, and no move of the data."""
    where = _where(program)
    moved = [program.text.remove(s) for s in _moves_of_the_data(program)]
    for roots in ([program.here], program.alike(program.here), [program.entry]):
        edits = [edit for root in roots for edit in _made_there(program, root, where)]
        yield [*edits, *moved]
    yield [*moved]


def moved_to_the_data(program: Program, finding: Finding) -> Iterator[Change]:
    """``.cuda()`` and ``.to("cuda")`` become ``.to(x.device)``."""
    where = _where(program)
    for roots in (program.alike(program.here), [program.entry]):
        calls = [call for root in roots for call in of_type(root, ast.Call) if method_of(call) in MOVES]
        yield [program.text.replace(call, f"{program.text.of(owner_of(call))}.to({where})") for call in calls]


def _made_there(program: Program, root: ast.AST, where: str) -> list[Edit]:
    edits: list[Edit] = []
    for call in program.factories(root):
        said = keyword_of(call, "device")
        if said is None:
            last = keyword_of(call, "requires_grad")
            new = f"device={where}"
            edits.append(program.text.before(last, f"{new}, ") if last else with_keyword(program, call, new))
        elif ast.unparse(said.value) != where:
            edits.append(program.text.replace(said.value, where))
    return edits


def _where(program: Program) -> str:
    """The device that the function was given, else that of its first argument, which are the data."""
    given = [argument.arg for argument in program.entry.args.args if "device" in argument.arg]
    return given[0] if given else f"{program.argument(0)}.device"


def _moves_of_the_data(program: Program) -> list[ast.Assign]:
    """``x, y = x.cuda(), y.cuda()``: arguments that are moved away from where they are."""
    arguments = {argument.arg for argument in program.entry.args.args}
    return [s for s in of_type(program.entry, ast.Assign) if _moves_itself(s, arguments)]


def _moves_itself(statement: ast.Assign, names: set[str]) -> bool:
    value = statement.value
    values = value.elts if isinstance(value, ast.Tuple) else [value]
    targets = [ast.unparse(part) for part in parts(statement.targets[0])]
    moves = [v for v in values if isinstance(v, ast.Call) and method_of(v) in MOVES]
    return (
        set(targets) <= names
        and len(moves) == len(values)
        and targets == [ast.unparse(owner_of(move)) for move in moves]
    )


def unmoved(program: Program, finding: Finding) -> Iterator[Change]:
    """``y = y.cpu()`` parts what belongs together."""
    here = program.here
    if isinstance(here, ast.Assign) and _moves_itself(here, {ast.unparse(here.targets[0])}):
        yield [program.text.remove(here)]
    for call in of_type(here, ast.Call):
        if method_of(call) in ("cpu", "cuda"):
            yield [program.text.cut_to(owner_of(call), call)]
        if method_of(call) == "numpy":
            yield [program.text.after(owner_of(call), ".detach().cpu()")]


def bound(program: Program, finding: Finding) -> Iterator[Change]:
    """``t.to(device)`` on a line of its own moves nothing: its result is bound."""
    moves = [s for s in program.alike(program.here) if isinstance(s, ast.Expr)]
    if not all(isinstance(move.value, ast.Call) for move in moves) or not moves:
        raise CannotEdit("no move on a line of its own")
    owners = [owner_of(move.value) for move in moves if isinstance(move.value, ast.Call)]
    yield [
        program.text.before(move, f"{program.text.of(owner)} = ")
        for move, owner in zip(moves, owners, strict=True)
    ]


MENDS = {
    "hardcoded-device": (with_the_data, moved_to_the_data, unmoved),
    "device-mismatch": (unmoved, with_the_data),
    "unbound-move": (bound,),
}
