"""The step goes up the loss instead of down."""

from __future__ import annotations

import math
from collections.abc import Iterator

from grader.call_evidence import CallEvidence
from grader.evidence import Evidence, FitEvidence
from grader.expected import ATensor
from grader.motion import Move, direction, moves
from grader.neutralising import at, moving, slot_of
from grader.pitfall import Example, Found, Pitfall
from grader.pitfalls._calls import differs, evidence_of, given_values
from grader.pitfalls._symptoms import POOR_FIT
from grader.records import Event, Intervention
from grader.words import fitted, number

PITFALL = Pitfall(
    title="The update goes uphill",
    section="training",
    rubric="coefficients",
    what="The gradient points to where the loss grows fastest. The update added it.",
    why="Every step makes the fit worse, and the loss grows without end.",
    mend="Subtract: `w -= lr * w.grad`.",
    explains=POOR_FIT,
    see_also="Capstone: the gradient always points uphill; we walk the other way",
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
            w += lr * w.grad  # <- gradient-ascent
            b += lr * b.grad
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
            w -= lr * w.grad
            b += lr * b.grad  # <- gradient-ascent
        w.grad = b.grad = None
    return w, b
""",
            note="one parameter of two",
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
        gain = -((w * x + b - y) ** 2).mean()
        gain.backward()
        with torch.no_grad():
            w += lr * w.grad
            b += lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="uphill on the negative loss",
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
            w += -lr * w.grad
            b.add_(b.grad, alpha=-lr)
        w.grad = b.grad = None
    return w, b
""",
            note="adding the negative",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    speed = [torch.zeros(1), torch.zeros(1)]
    for step in range(2 * steps):
        ((w * x + b - y) ** 2).mean().backward()
        with torch.no_grad():
            for i, p in enumerate((w, b)):
                speed[i] = 0.8 * speed[i] - 0.3 * lr * p.grad
                p += speed[i]
                p.grad = None
    return w, b
""",
            note="momentum, which climbs now and then",
        ),
    ),
)


def find(run: FitEvidence) -> Iterator[Found]:
    if run.is_right:
        return
    first = next((move for move in moves(run) if any(move.moved)), None)
    if first is None or first.number > 2:
        return
    wrong = _uphill(run, first)
    if not wrong:
        return
    place = wrong[0]
    names = run.fit.names
    name = names[place] if len(names) == len(first.value) else "the parameter"
    yield Found(
        message=(
            f"At step {first.number} the gradient of the mean squared error with respect to `{name}` was"
            f" {number(_slope(run, first, place))}, and `{name}` moved by {number(first.moved[place])}: the"
            f" same way, uphill. {_outcome(run)}"
        ),
        line=_line(run, place),
        step=first.number,
        evidence={
            "parameter": name,
            "gradient": _slope(run, first, place),
            "moved": first.moved[place],
            "losses": [loss for _, loss in run.losses[:6]],
        },
    )


def _uphill(run: FitEvidence, move: Move) -> list[int]:
    """The places whose first move went along the gradient, by a step that is a rate times it."""
    places = [place for place in range(len(move.moved)) if direction(run, move, place) > 0]
    negated = bool(run.losses) and run.losses[0][1] < 0
    return [place for place in places if negated or move.moved[place] * move.fresh[place] > 0]


def _slope(run: FitEvidence, move: Move, place: int) -> float:
    true = run.fit.gradient(move.value)
    return move.fresh[place] if true is None or len(true) != len(move.fresh) else true[place]


def _outcome(run: FitEvidence) -> str:
    finite = run.losses[:4]
    grew = " → ".join(number(loss) for _, loss in finite)
    return f"The loss went {grew}; the run ended at {fitted(run.fit.names, run.recovered)}."


def _line(run: FitEvidence, place: int) -> int | None:
    """The update of that parameter, else the first one, else the loop."""
    updates = [event for event in run.lineage.updates() if event.after >= 1]
    for event in updates:
        target = run.lineage.parameter_in(event)
        slot = next((s for s in run.slots if target.id in s.tensors), None)
        if slot is not None and slot.slot == place:
            return run.line(event)
    return run.line(updates[0]) if updates else run.loop_line()


def find_in_call(run: CallEvidence) -> Iterator[Found]:
    """A step of the right size the wrong way."""
    for off in run.left_off("values"):
        expected, after, before = off.difference.expected, off.difference.value.values, given_values(run, off)
        wanted = expected.values if isinstance(expected, ATensor) else None
        if before is None or after is None or wanted is None:
            continue
        pairs = [(a - b, w - b) for a, b, w in zip(after, before, wanted, strict=True)]
        if all(math.isclose(moved, -right, rel_tol=1e-2, abs_tol=1e-6) for moved, right in pairs):
            yield Found(
                message=f"The step went uphill. {differs(run, off)}",
                line=run.change_line(off),
                evidence=evidence_of(run, off),
            )
            return


def neutralise(run: Evidence, found: Found) -> Iterator[Intervention]:
    """Turn the moves round that went uphill."""
    if not isinstance(run, FitEvidence):
        return
    first = next((move for move in moves(run) if any(move.moved)), None)
    if first is None:
        return
    wrong = set(_uphill(run, first))
    uphill = [event for event in moving(run) if _places(run, event) & wrong]
    right = {e.site for e in moving(run) if any(direction(run, first, p) < 0 for p in _places(run, e))}
    yield from at("scale-move", run, (event for event in uphill if event.site not in right), number=-1.0)


def _places(run: FitEvidence, event: Event) -> set[int]:
    """The places, among all numbers, of those of the parameter that an update is about."""
    slot = slot_of(run, event)
    if slot is None:
        return set()
    sizes = [math.prod(each.shape) for each in run.slots]
    start = sum(sizes[: run.slots.index(slot)])
    return set(range(start, start + math.prod(slot.shape)))
