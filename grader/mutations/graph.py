"""Mistakes between the parameters and the gradient: the forward pass, the loss, ``backward()``."""

from __future__ import annotations

import ast
import copy

from grader.mutations import shapes
from grader.mutations.program import Mistake, Program, mistake


def _under_no_grad(program: Program) -> ast.stmt | None:
    forward, loss = program.forward, program.loss
    if loss is None or program.prediction is None:
        return None
    place = program.seen(program.prediction)
    passes = forward[: forward.index(loss) + 1]
    guard = shapes.code("with torch.no_grad():\n    pass")
    program.replace(passes[0], guard)
    for statement in passes[1:]:
        program.remove(statement)
    guard[0].body = passes  # type: ignore[attr-defined]
    return place


def _column_target(program: Program) -> ast.stmt | None:
    residual = program.residual
    if residual is None:
        return None
    shapes.swap(residual.statement, residual.target, _method(residual.target, "reshape(-1, 1)"))
    return program.seen(residual.statement)


def _detached_prediction(program: Program) -> ast.stmt | None:
    residual = program.residual
    if residual is None:
        return None
    shapes.swap(residual.statement, residual.prediction, _method(residual.prediction, "detach()"))
    return residual.statement


def _method(value: ast.expr, call: str) -> ast.expr:
    new = shapes.expression(f"value.{call}")
    shapes.swap(new, shapes.of_type(new, ast.Name)[0], value)
    return new


def _copied_loss(program: Program) -> ast.stmt | None:
    if program.loss is None or program.backward is None:
        return None
    name = shapes.walked_name(program.backward)
    copied = shapes.code(f"{name} = torch.tensor({name}.item(), requires_grad=True)")
    program.after(program.loss, copied)
    return copied[0]


def _no_backward(program: Program) -> ast.stmt | None:
    loss = program.loss
    if loss is None or program.backward is None:
        return None
    program.remove(program.backward)
    return program.seen(loss)


def _twice(program: Program) -> ast.stmt | None:
    if program.backward is None:
        return None
    again = copy.deepcopy(program.backward)
    program.after(program.backward, [again])
    return again


def _no_mean(program: Program) -> ast.stmt | None:
    if program.loss is None:
        return None
    before = ast.unparse(program.loss)
    for call in shapes.of_type(program.loss, ast.Call):
        _leave_unreduced(program.loss, call)
    return program.backward if ast.unparse(program.loss) != before else None


def _leave_unreduced(loss: ast.Assign, call: ast.Call) -> None:
    if isinstance(call.func, ast.Attribute) and call.func.attr == "mse_loss":
        call.keywords = [ast.keyword("reduction", ast.Constant("none"))]
    elif isinstance(call.func, ast.Attribute) and call.func.attr == "mean":
        on_torch = isinstance(call.func.value, ast.Name) and call.func.value.id == "torch"
        shapes.swap(loss, call, call.args[0] if on_torch else call.func.value)


def _all_losses_kept(program: Program) -> ast.stmt | None:
    return _append(program, "{loss}")


def _read_every_step(program: Program) -> ast.stmt | None:
    return _append(program, "{loss}.item()")


def _append(program: Program, what: str) -> ast.stmt | None:
    if program.loss is None or program.backward is None or program.loop is None:
        return None
    name = shapes.walked_name(program.backward)
    append = shapes.code(f"history.append({what.format(loss=name)})")
    program.after(program.backward, append)
    program.before(program.loop, shapes.code("history = []"))
    return append[0]


def _evaluated_with_recording(program: Program) -> ast.stmt | None:
    """The loss is computed once more after the loop, as it was in the loop."""
    if program.loss is None or program.loop is None or program.prediction is None:
        return None
    again = copy.deepcopy(program.forward)
    name = shapes.walked_name(program.backward) if program.backward else ""
    program.after(program.loop, [*again, *shapes.code(f"print('the loss at the end:', {name}.item())")])
    return program.seen(again[program.forward.index(program.loss)])


MISTAKES: tuple[Mistake, ...] = (
    mistake("forward pass under no_grad", "untracked-forward", _under_no_grad),
    mistake("target reshaped to a column", "silent-broadcast", _column_target),
    mistake("prediction detached", "severed-graph", _detached_prediction),
    mistake("loss copied to a new tensor", "severed-graph", _copied_loss),
    mistake("backward() dropped", "missing-backward", _no_backward),
    mistake("backward() called twice", "repeated-backward", _twice),
    mistake("mean() dropped", "non-scalar-backward", _no_mean),
    mistake("every loss kept in a list", "retained-graph", _all_losses_kept),
    mistake("item() at every step", "item-every-step", _read_every_step),
    mistake("last evaluation recorded", "tracked-evaluation", _evaluated_with_recording),
)
