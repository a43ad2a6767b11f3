"""Mistakes with the clearing of gradients."""

from __future__ import annotations

import ast

from grader.mutations import shapes
from grader.mutations.only_some import all_but_one
from grader.mutations.program import ANYWHERE, Mistake, Program, mistake


def _never(program: Program) -> ast.stmt | None:
    found = program.zeroings
    for zeroing in found:
        program.remove(zeroing)
    return program.loop if found else None


def _all_but_one(program: Program) -> ast.stmt | None:
    chained = [z for z in program.zeroings if isinstance(z, ast.Assign) and len(z.targets) > 1]
    if chained:
        chained[-1].targets.pop()
        return ANYWHERE if len(chained[-1].targets) > 1 or len(program.zeroings) > 1 else chained[-1]
    left = all_but_one(program, program.zeroings)
    if not left:
        return None
    return left[0] if len(left) == 1 else ANYWHERE


def _too_early(program: Program) -> ast.stmt | None:
    """Each clearing goes to between the backward pass and the updates."""
    found, backward = program.zeroings, program.backward
    if not found or backward is None or not program.updates:
        return None
    shared = {id(loop): loop for z in found if (loop := _shared_loop(program, z)) is not None}
    for loop in shared.values():
        loop.body.sort(key=shapes.is_update)
    units = {id(u): u for u in (_unit(program, z) for z in found if _shared_loop(program, z) is None)}
    for unit in units.values():
        program.remove(unit)
    program.after(backward, list(units.values()))
    return program.zeroings[0] if len(found) == 1 else _first_cleared(program)


def _first_cleared(program: Program) -> ast.stmt:
    """The clearing of the first parameter, which is the first one asked about."""
    first = [z for z in program.zeroings if set(program.parameters[:1]) & set(shapes.owners(z))]
    return first[0] if first else ANYWHERE


def _shared_loop(program: Program, zeroing: ast.stmt) -> ast.For | None:
    """The loop over parameters that both moves and clears each."""
    loop = program.inner_loop(zeroing)
    return loop if loop is not None and any(map(shapes.is_update, loop.body)) else None


def _unit(program: Program, zeroing: ast.stmt) -> ast.stmt:
    return program.inner_loop(zeroing) or zeroing


def _the_parameter_instead(program: Program) -> ast.stmt | None:
    """``w.zero_()`` where ``w.grad`` was meant, under ``no_grad`` so that torch lets it pass."""
    first: ast.stmt | None = None
    for zeroing in program.zeroings:
        names = shapes.owners(zeroing)
        emptied = shapes.code("\n".join(f"{name}.zero_()" for name in names))
        guard = shapes.code("with torch.no_grad():\n    pass")
        guard[0].body = emptied  # type: ignore[attr-defined]
        program.replace(zeroing, guard)
        first = first or emptied[0]
    return first


def _the_names(program: Program) -> ast.stmt | None:
    """``w = b = None`` where ``w.grad = b.grad = None`` was meant."""
    plain = [z for z in program.zeroings if program.inner_loop(z) is None]
    names = [name for zeroing in plain for name in shapes.owners(zeroing)]
    if not names:
        return None
    unbound = shapes.code(" = ".join([*names, "None"]))
    program.replace(plain[0], unbound)
    for zeroing in plain[1:]:
        program.remove(zeroing)
    return unbound[0]


def _the_loop_variable(program: Program) -> ast.stmt | None:
    """``p = None`` in a loop over the parameters clears nothing."""
    looped = [z for z in program.zeroings if program.inner_loop(z) is not None]
    for zeroing in looped:
        program.replace(zeroing, shapes.code(f"{shapes.owner(zeroing)} = None"))
    return ANYWHERE if looped else None


MISTAKES: tuple[Mistake, ...] = (
    mistake("gradients never cleared", "stale-gradient", _never),
    mistake("one gradient not cleared", "stale-gradient", _all_but_one),
    mistake("a loop variable set to None", "stale-gradient", _the_loop_variable),
    mistake("gradients cleared too early", "gradient-cleared-too-early", _too_early),
    mistake("parameters zeroed", "cleared-parameter", _the_parameter_instead),
    mistake("parameters set to None", "cleared-parameter", _the_names),
)
