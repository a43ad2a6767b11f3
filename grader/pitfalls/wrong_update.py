"""The step used something else than the parameter's own gradient."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from grader.call_evidence import CallEvidence, Off
from grader.evidence import Evidence, FitEvidence
from grader.lineage import GRADIENT_READ
from grader.motion import SIGNIFICANT, Move, largest, moves
from grader.neutralising import at, learning_rate, moving
from grader.pitfall import Example, Found, Pitfall
from grader.pitfalls._calls import evidence_of, given_values
from grader.pitfalls._symptoms import POOR_FIT
from grader.records import Event, Intervention, ReturnedValue, TensorView
from grader.words import code, number, numbers

PITFALL = Pitfall(
    title="The update used something else than the parameter's own gradient",
    section="training",
    rubric="coefficients",
    what="A parameter was moved by another one's gradient, by the loss itself, or by no gradient at all.",
    why="Only the derivative of the loss with respect to this very parameter tells which way it has to go.",
    mend="Update each parameter with its own gradient: `w -= lr * w.grad`, `b -= lr * b.grad`.",
    explains=(*POOR_FIT, "gradient-ascent", "unapplied-update", "hardcoded-answer"),
    see_also="Capstone: the update",
    bad=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * w.grad  # <- wrong-update
        w.grad = b.grad = None
    return w, b
"""
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * loss  # <- wrong-update
            b -= lr * loss
        w.grad = b.grad = None
    return w, b
""",
            note="the loss itself",
        ),
    ),
    good=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            gradients = [w.grad, b.grad]
            length = torch.sqrt(sum((g ** 2).sum() for g in gradients))
            for p, g in zip((w, b), gradients):
                p -= lr * g / torch.clamp(length, min=1.0)
        w.grad = b.grad = None
    return w, b
""",
            note="clipped by the length of all gradients together",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    means, squares = [0.0, 0.0], [0.0, 0.0]
    for step in range(1, 12 * steps):
        ((w * x + b - y) ** 2).mean().backward()
        with torch.no_grad():
            for i, p in enumerate((w, b)):
                means[i] = 0.9 * means[i] + 0.1 * p.grad
                squares[i] = 0.99 * squares[i] + 0.01 * p.grad ** 2
                p -= 0.05 * means[i] / (squares[i] ** 0.5 + 1e-8) / (1 + step / 100)
                p.grad = None
    return w, b
""",
            note="Adam by hand",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            slow = 1 / (1 + 0.01 * loss)
            w -= lr * slow * w.grad
            b -= lr * slow * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="a rate that depends on the loss",
        ),
    ),
)


def find(run: FitEvidence) -> Iterator[Found]:
    if not run.pass_count or run.is_right:
        return
    for ask in (_others_gradient, _no_gradient, _nothing):
        found = _first(run, ask)
        if found:
            yield from found
            return
    yield from _by_numbers(run)


def _first(run: FitEvidence, ask: Callable[[FitEvidence, Event], Found | None]) -> list[Found]:
    for event in run.events:
        found = ask(run, event) if event.after >= 1 else None
        if found is not None:
            return [found]
    return []


def _others_gradient(run: FitEvidence, event: Event) -> Found | None:
    """An update of one parameter that consumed only gradients of others."""
    if event not in run.lineage.updates():
        return None
    target = run.lineage.parameter_in(event)
    owners = _owners(run, event)
    if not owners or any(_is_same(run, owner, target) for owner in owners.values()):
        return None
    mine = run.call_it(_whole(run, target), "the parameter")
    theirs = [f"{run.call_it(owner, 'another')}.grad" for owner in owners.values()]
    consumed = run.lineage.gradients_in(event)[0]
    return Found(
        message=(
            f"At step {event.after} `{run.statement(event)}` moved `{mine}` by {code(theirs)}"
            f" ({numbers(consumed.values)} after the rate), which is another parameter's gradient. That of"
            f" `{mine}` was {_own(run, event, target)}."
        ),
        line=run.line(event),
        step=event.after,
        evidence={"parameter": mine, "used": theirs, "consumed": consumed.values},
        fix=f"Use `{mine}.grad` in the update of `{mine}`.",
    )


def _owners(run: FitEvidence, event: Event) -> dict[int, TensorView]:
    """The parameters whose ``.grad`` went into what an update consumed, however it was combined."""
    found: dict[int, TensorView] = {}
    for view in run.lineage.gradients_in(event):
        birth = run.lineage.birth_of(view.id)
        for source in [*([birth] if birth else []), *run.lineage.ancestors(view)]:
            if source.op == GRADIENT_READ:
                found[source.inputs[0].id] = source.inputs[0]
    return found


def _is_same(run: FitEvidence, owner: TensorView, target: TensorView) -> bool:
    """Whether the target is the owner of the gradient, looks at its memory, or was made of it."""
    if owner.id == target.id or owner.storage == target.storage:
        return True
    return any(view.id == owner.id for e in run.lineage.ancestors(target) for view in e.inputs)


def _whole(run: FitEvidence, view: TensorView) -> TensorView:
    """The parameter that a view looks at."""
    for leaf in run.parameter_leaves:
        if leaf.storage == view.storage:
            return leaf
    return view


def _own(run: FitEvidence, event: Event, target: TensorView) -> str:
    for backward in run.passes:
        if backward.step == event.after:
            for slot in run.slots:
                state = next((s for s in backward.slots if s.slot == slot.slot), None)
                if state is not None and state.tensor == _whole(run, target).id:
                    return numbers(state.fresh)
    return "another"


def _no_gradient(run: FitEvidence, event: Event) -> Found | None:
    """A parameter changed in place by something that no gradient went into."""
    in_place = event.op.endswith("_") and not event.op.endswith("__") and len(event.inputs) > 1
    if not in_place or event.raised or any(run.lineage.is_gradient(v) for v in event.inputs):
        return None
    if not any(backward.step == event.after for backward in run.passes):
        return None  # what a pass returned that was not recorded is not known to be a gradient
    target = event.inputs[0]
    if not run.lineage.is_parameter(target) or not _moved(event) or _was_updated(run, target):
        return None
    name = run.call_it(_whole(run, target), "the parameter")
    used = event.inputs[1]
    what = f" (of value {number(used.values[0])})" if used.values and len(used.values) == 1 else ""
    return Found(
        message=(
            f"At step {event.after} `{run.statement(event)}` changed `{name}` by something{what} that no"
            f" gradient went into. The gradient of `{name}` was {_own(run, event, target)}."
        ),
        line=run.line(event),
        step=event.after,
        evidence={"parameter": name, "used": used.values, "call": event.op},
        fix=f"Subtract `lr * {name}.grad`.",
    )


def _nothing(run: FitEvidence, event: Event) -> Found | None:
    """An update that consumed zeros, although the gradient was none and nothing had cleared it."""
    if event not in run.lineage.updates():
        return None
    target = _whole(run, run.lineage.parameter_in(event))
    backward = next((p for p in run.passes if p.step == event.after), None)
    state = next((s for s in backward.slots if s.tensor == target.id), None) if backward else None
    used = [view.values for view in run.lineage.gradients_in(event)]
    if state is None or any(map(_is_not_zero, used)):
        return None
    if min(largest(state.fresh or ()), largest(state.grad_after or state.fresh or ())) < SIGNIFICANT:
        return None
    if any(e.after == event.after for e in run.lineage.clearings(state.tensor)):
        return None
    name = run.call_it(target, "the parameter")
    return Found(
        message=(
            f"At step {event.after} `{run.statement(event)}` moved `{name}` by 0: what it used had come to"
            f" nothing, while the gradient of `{name}` was {numbers(state.fresh)}."
        ),
        line=run.line(event),
        step=event.after,
        evidence={"parameter": name, "used": used, "fresh": state.fresh},
        fix=(
            f"Print what is subtracted beside `{name}.grad`. `.grad` is one tensor that `backward()` adds to:"
            " a second name for it changes with it, and only `.clone()` keeps what it was."
        ),
    )


def _is_not_zero(values: tuple[float, ...] | None) -> bool:
    return values is None or any(values)


def _by_numbers(run: FitEvidence) -> list[Found]:
    """Moves that are the learning rate times something else than the parameter's own gradient."""
    first = next((move for move in moves(run)[:1] if any(move.moved)), None)
    if first is None:
        return []
    for rate in _rates(run):
        places = [p for p in range(len(first.moved)) if not _agree(first.moved[p], -rate * first.fresh[p])]
        for place in places:
            for words, value in _suspects(run, first, place):
                if abs(value) > SIGNIFICANT and _agree(first.moved[place], -rate * value):
                    return [_swapped(run, first, place, words, value)]
        found = next((f for move in moves(run)[:3] for f in _forgotten_value(run, move, rate)), None)
        if found is not None:
            return [found]
    return _all_alike(run)


def _forgotten_value(run: FitEvidence, move: Move, rate: float) -> Iterator[Found]:
    """A parameter that came to minus the rate times its gradient, without what it was before."""
    for place, (value, fresh, moved) in enumerate(zip(move.value, move.fresh, move.moved, strict=True)):
        if abs(value) < SIGNIFICANT or abs(fresh) < SIGNIFICANT or not _agree(value + moved, -rate * fresh):
            continue
        name = _place_name(run, move, place)
        yield Found(
            message=(
                f"At step {move.number} `{name}` was {number(value)} and came to {number(value + moved)}:"
                f" minus the rate times its gradient, {number(fresh)}. What it was before is lost."
            ),
            line=_line(run, move, place),
            step=move.number,
            evidence={"parameter": name, "value": value, "moved": moved, "gradient": fresh},
            fix=f"Subtract from `{name}`: `{name} -= lr * {name}.grad`.",
        )


def _place_name(run: FitEvidence, move: Move, place: int) -> str:
    names = run.fit.names
    return names[place] if len(names) == len(move.moved) else "the parameter"


def _rates(run: FitEvidence) -> tuple[float, ...]:
    """The learning rate that was asked for, where one was."""
    return () if run.fit.lr is None else (run.fit.lr,)


def _suspects(run: FitEvidence, move: Move, place: int) -> Iterator[tuple[str, float]]:
    """What else a step may have been made of, in words, and its number."""
    for other, gradient in enumerate(move.fresh):
        if other != place:
            yield "another parameter's gradient", gradient
    if len(move.fresh) > 1:
        yield "the sum of all gradients", sum(move.fresh)
        yield "the mean of all gradients", sum(move.fresh) / len(move.fresh)
        yield "the length of the whole gradient", math.hypot(*move.fresh)
    if move.fresh[place]:
        yield "one over its gradient", 1 / move.fresh[place]
    loss = dict(run.losses).get(move.number)
    if loss is not None:
        yield "the loss", loss
        if move.fresh[place]:
            yield "the loss over its gradient", loss / move.fresh[place]


def _all_alike(run: FitEvidence) -> list[Found]:
    """Every parameter moved by the same amount at each of the first steps, and that is the loss times a
    number that stays the same."""
    losses = dict(run.losses)
    known = [move for move in moves(run)[:3] if losses.get(move.number) and any(move.moved)]
    factors = [moved / losses[move.number] for move in known for moved in move.moved]
    if len(known) < 2 or len(known[0].moved) < 2 or not all(map(math.isfinite, factors)):
        return []
    if not all(math.isclose(factor, factors[0], rel_tol=1e-3) for factor in factors):
        return []
    return [_swapped(run, known[0], 0, "the loss", losses[known[0].number], -factors[0])]


def _agree(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=1e-4, abs_tol=1e-7)


def _swapped(
    run: FitEvidence, move: Move, place: int, words: str, value: float, rate: float | None = None
) -> Found:
    name = _place_name(run, move, place)
    factor = "the rate" if rate is None else number(rate)
    return Found(
        message=(
            f"At step {move.number} `{name}` moved by {number(move.moved[place])}: that is minus {factor}"
            f" times {number(value)}, {words}. Its own gradient was {number(move.fresh[place])}."
        ),
        line=_line(run, move, place),
        step=move.number,
        evidence={"parameter": name, "moved": move.moved, "gradients": move.fresh, "used": words},
        fix=f"Use the gradient of `{name}` in the update of `{name}`.",
    )


def _line(run: FitEvidence, move: Move, place: int) -> int | None:
    """Where that parameter was updated, else any; else where it was changed in place, else the loop."""
    updates = [event for event in run.lineage.updates() if event.after >= 1]
    own = [u for u in updates if _whole(run, run.lineage.parameter_in(u)).id == _leaf_of(run, place)]
    changes = [e for e in run.events if e.after == move.number and _changes_parameter(run, e)]
    event = next(iter([*own, *updates, *changes]), None)
    return run.line(event) if event is not None else run.loop_line()


def _changes_parameter(run: FitEvidence, event: Event) -> bool:
    in_place = event.op.endswith("_") and not event.op.endswith("__") and bool(event.inputs)
    if event.op == "Tensor.data.__set__":
        return run.lineage.is_parameter(event.inputs[0])
    return in_place and run.lineage.is_parameter(event.inputs[0]) and _moved(event)


def _leaf_of(run: FitEvidence, place: int) -> int | None:
    slots = run.slots
    return slots[place].tensors[0] if len(slots) == run.fit.size else None


def _moved(event: Event) -> bool:
    return bool(event.outputs) and event.outputs[0].values != event.inputs[0].values


def _was_updated(run: FitEvidence, target: TensorView) -> bool:
    """Whether gradient reached this parameter in some other call."""
    return any(run.lineage.parameter_in(e).storage == target.storage for e in run.lineage.updates())


def find_in_call(run: CallEvidence) -> Iterator[Found]:
    """A parameter that was moved by something that is no multiple of its own gradient."""
    for off in run.left_off("values"):
        gradient, moved = _given_gradient(run, off), _subtracted(run, off)
        if gradient is None or moved is None or len(moved) < 2 or not any(moved):
            continue
        if not all(gradient) or _is_multiple(moved, gradient):
            continue
        name = off.difference.name
        yield Found(
            message=(
                f"After `{run.asked(off.call)}` `{name}` had moved by"
                f" {numbers([-number for number in moved])}: that is no multiple of `{name}.grad`, which was"
                f" {numbers(gradient)}.{_whose(run, off, moved)}"
            ),
            line=run.change_line(off),
            evidence=evidence_of(run, off) | {"subtracted": moved, "gradient": gradient},
            fix="Subtract the rate times the parameter's own gradient: `p -= lr * p.grad`.",
        )
        return


def _given(run: CallEvidence, off: Off) -> dict[int, ReturnedValue]:
    """The tensors of a call as they were given, by id."""
    values = [item for value in run.calls[off.call].given for item in (value, *value.items)]
    return {value.tensor.id: value for value in values if value.tensor is not None}


def _given_gradient(run: CallEvidence, off: Off) -> tuple[float, ...] | None:
    view = off.difference.value.tensor
    value = _given(run, off).get(view.id) if view is not None else None
    return value.gradient if value is not None else None


def _subtracted(run: CallEvidence, off: Off) -> tuple[float, ...] | None:
    before, after = given_values(run, off), off.difference.value.values
    if before is None or after is None or len(before) != len(after):
        return None
    return tuple(b - a for b, a in zip(before, after, strict=True))


def _is_multiple(moved: Sequence[float], gradient: Sequence[float]) -> bool:
    rates = [m / g for m, g in zip(moved, gradient, strict=True)]
    return all(math.isclose(rate, rates[0], rel_tol=1e-2, abs_tol=1e-5) for rate in rates)


def _whose(run: CallEvidence, off: Off, moved: Sequence[float]) -> str:
    """Whether the same was taken from every element, which no gradient of several elements is."""
    same = all(math.isclose(m, moved[0], rel_tol=1e-3) for m in moved)
    return f" Every element moved by the same {number(-moved[0])}." if same else ""


def neutralise(run: Evidence, found: Found) -> Iterator[Intervention]:
    """Move each parameter by its own gradient."""
    if isinstance(run, FitEvidence) and (rate := learning_rate(run)) is not None:
        yield from at("own-gradient", run, moving(run), number=rate)
