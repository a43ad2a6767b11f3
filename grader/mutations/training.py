"""Mistakes with the training as a whole, and ways around it."""

from __future__ import annotations

import ast
import math

from grader.curve import CurveFit
from grader.mutations import shapes
from grader.mutations.program import Mistake, Program, mistake

SURELY = 1.5
"""By how much the slowest schedule's rate must exceed what is stable, so that every schedule diverges."""


def _too_fast(program: Program) -> ast.stmt | None:
    if len(program.data) < 3 or not program.updates:
        return None
    rate = program.data[2]
    program.at_start(shapes.code(f"{rate} = {_too_much(program.exercise)} * {rate}"))
    return program.updates[0]


def _too_much(exercise: CurveFit) -> int:
    """The least power of ten that makes every schedule's rate too large on every schedule's data."""
    most = max(SURELY * _stable(exercise, case.seed) / case.lr for case in exercise.cases())
    return int(10 ** max(1, math.ceil(math.log10(most))))


def _stable(exercise: CurveFit, seed: int) -> float:
    """Two over the largest curvature of the loss: a longer step grows without end."""
    import numpy as np

    design = exercise.model.design(np.array(exercise.dataset(seed).x))
    curvatures = np.linalg.eigvalsh(2.0 / len(design) * design.T @ design)
    return float(2.0 / curvatures[-1])


def _too_short(program: Program) -> ast.stmt | None:
    if not isinstance(program.loop, ast.For):
        return None
    program.loop.iter = shapes.expression("range(3)")
    return program.loop


def _constants(program: Program) -> ast.stmt | None:
    """The lesson's own coefficients, whatever the data are."""
    exercise = program.exercise
    made = [
        f"{name} = torch.tensor([{value}], device={_device(program)}, requires_grad=True)"
        for name, value in zip(exercise.names, exercise.script_truth, strict=True)
    ]
    new = shapes.code("\n".join([*made, f"return {', '.join(exercise.names)}"]))
    program.body(new)
    return new[0]


def _solved(program: Program) -> ast.stmt | None:
    """Least squares in the place of descent."""
    if len(program.data) < 2:
        return None
    (x, y), names = program.data[:2], program.exercise.names
    columns = ", ".join(f"{x} ** {power}" for power in program.exercise.model.powers)
    made = [f"{name} = solution[{i}].clone().requires_grad_()" for i, name in enumerate(names)]
    new = shapes.code(
        "\n".join(
            [
                f"design = torch.stack([{columns}], dim=1)",
                f"solution = torch.linalg.lstsq(design, {y}[:, None]).solution",
                *made,
                f"return {', '.join(names)}",
            ]
        )
    )
    program.body(new)
    return new[1]


def _device(program: Program) -> str:
    return f"{program.data[0]}.device" if program.data else "'cpu'"


def _optimizer(program: Program) -> ast.stmt | None:
    """``torch.optim.SGD`` moves the parameters."""
    updates, backward, loop = program.updates, program.backward, program.loop
    if not updates or backward is None or loop is None or len(program.data) < 3:
        return None
    made = shapes.code(
        f"optimizer = torch.optim.SGD([{', '.join(program.parameters)}], lr={program.data[2]})"
    )
    for update in updates:
        program.remove(update)
    program.after(backward, shapes.code("optimizer.step()"))
    program.before(loop, made)
    return made[0]


MISTAKES: tuple[Mistake, ...] = (
    mistake("too large a learning rate", "diverged", _too_fast),
    mistake("three steps", "undertrained", _too_short),
    mistake("constants returned", "hardcoded-answer", _constants),
    mistake("least squares", "closed-form-solution", _solved),
    mistake("torch.optim.SGD", "forbidden-api", _optimizer),
)
