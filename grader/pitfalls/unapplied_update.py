"""A parameter that had a gradient never moved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.call_evidence import CallEvidence
from grader.evidence import Evidence, FitEvidence
from grader.lineage import GRADIENT_READ
from grader.neutralising import at, learning_rate, moving
from grader.pitfall import Example, Found, Pitfall
from grader.pitfalls._calls import differs, evidence_of, given_values
from grader.pitfalls._symptoms import EXCEPTION, POOR_FIT
from grader.records import Backward, Event, Intervention, Slot, TensorView
from grader.words import code, first_line, number, numbers, plural

PITFALL = Pitfall(
    title="A parameter had a gradient but never moved",
    section="no_grad",
    rubric="no-grad",
    what=(
        "The step was computed but did not reach the parameter: a loop variable was bound to the result,"
        " the result was thrown away, or one parameter was left out of the update."
    ),
    why="The parameter keeps the value it was born with, however good its gradients are.",
    mend="Change the parameter itself, in place: `p -= lr * p.grad` under `torch.no_grad()`.",
    explains=(*POOR_FIT, *EXCEPTION, "stale-gradient", "wrong-return"),
    see_also="Capstone, the training loop: update",
    bad=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            for p in (w, b):
                p = p - lr * p.grad  # <- unapplied-update
        w.grad = b.grad = None
    return w, b
""",
            note="a loop variable is rebound",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad  # <- unapplied-update
        w.grad = None
        b.grad = None
    return w, b
""",
            note="one parameter is left out",
        ),
    ),
    good=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            for p in (w, b):
                p -= lr * p.grad
                p.grad = None
    return w, b
""",
            note="a loop variable changed in place",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        for p in (w, b):
            memory = p.detach()
            memory -= lr * p.grad
            p.grad = None
    return w, b
""",
            note="through another view of the same memory",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            torch.sub(w, lr * w.grad, out=w)
            torch.sub(b, lr * b.grad, out=b)
        w.grad = b.grad = None
    return w, b
""",
            note="with out=",
        ),
    ),
)


def find(run: FitEvidence) -> Iterator[Found]:
    still = [slot for slot in run.slots if _never_moved(run, slot)]
    if not still:
        return
    slot = still[0]
    names = [run.name_of(s) for s in still]
    first = run.steps_of(slot)[0].state
    event = _wasted(run, still)
    yield Found(
        message=(
            f"{code(names)} never moved in {plural(slot.passes, 'step')}: `{names[0]}` was"
            f" {numbers(first.value)} at step 1 and {numbers(slot.final)} at the end, although its"
            f" gradient at step 1 was {numbers(first.fresh)}. {_because(run, still, names)}"
        ),
        line=_line(run, still, event),
        step=1,
        evidence={
            "parameters": names,
            "value_first": first.value,
            "value_last": slot.final,
            "fresh": first.fresh,
            "steps": slot.passes,
        },
        fix=(
            f"Change {code(names)} in place under `torch.no_grad()`, for example"
            f" `{names[0]} -= lr * {names[0]}.grad`."
        ),
    )


def _never_moved(run: FitEvidence, slot: Slot) -> bool:
    if slot.replaced or not slot.unmoved_passes or _too_small(run, slot):
        return False
    steps = run.steps_of(slot)
    known = [step for step in steps if step.moved is not None]
    walked = slot.passes - (run.raising_pass is not None)  # after a pass that failed came no update
    enough = walked > 1 or run.returned_normally or _result_was_asked(run, slot)
    return enough and bool(known) and all(step.stood_still for step in known)


def _result_was_asked(run: FitEvidence, slot: Slot) -> bool:
    """Whether the new tensor that an update made was asked for its gradient, which it has none of."""
    wasted = _wasted(run, [slot])
    made = {view.id for view in wasted.outputs} if wasted else set()
    asked = (e for e in run.events if e.op == GRADIENT_READ and e.result == "None")
    return any(event.inputs[0].id in made for event in asked)


def _too_small(run: FitEvidence, slot: Slot) -> bool:
    """Whether updates did reach the parameter, by less than float32 can tell from nothing."""
    for event in run.lineage.updates():
        target = event.inputs[0]
        same = bool(event.outputs) and event.outputs[0].id == target.id
        consumed = [g for g in run.lineage.gradients_in(event) if g.values and any(g.values)]
        if same and consumed and target.id in slot.tensors and event.after >= 1:
            return True
    return False


def _wasted(run: FitEvidence, still: Sequence[Slot]) -> Event | None:
    """The update that was computed for one of these parameters and led nowhere."""
    numbers_ = {number_ for slot in still for number_ in slot.tensors}
    for event in run.lineage.updates():
        if run.lineage.parameter_in(event).id in numbers_ and event.after >= 1:
            return event
    return None


def _moved_copy(run: FitEvidence, still: Sequence[Slot]) -> Event | None:
    """A call that changed a copy of one of these parameters in place by a gradient."""
    numbers_ = {number_ for slot in still for number_ in slot.tensors}
    for event in run.events:
        in_place = event.op.endswith("_") and not event.op.endswith("__") and len(event.inputs) > 1
        if event.after < 1 or not in_place or event.raised:
            continue
        behind = {view.id for e in run.lineage.ancestors(event.inputs[0]) for view in e.inputs}
        if behind & numbers_ and any(map(run.lineage.is_gradient, event.inputs[1:])):
            return event
    return None


def _dropped_gradients(run: FitEvidence, still: Sequence[Slot]) -> Backward | None:
    """A call of `torch.autograd.grad` for these parameters whose gradients nothing used."""
    slots = {slot.slot for slot in still}
    used = {view.id for event in run.events for view in event.inputs}
    for backward in run.passes[:1]:
        asked = slots & {state.slot for state in backward.slots}
        if backward.kind == "grad" and asked and not used & set(backward.gradients):
            return backward
    return None


def _because(run: FitEvidence, still: Sequence[Slot], names: Sequence[str]) -> str:
    event = _wasted(run, still)
    if event is None:
        return _without_update(run, still, names)
    expression = run.expression(event)
    values = event.outputs[0].values if event.outputs else None
    made = f" ({number(values[0])})" if values and len(values) == 1 else ""
    return (
        f"`{expression or event.op}` made a new tensor{made}, which was given another name or none: the"
        f" parameter itself did not change.{_stopped(run)}"
    )


def _without_update(run: FitEvidence, still: Sequence[Slot], names: Sequence[str]) -> str:
    copy, dropped = _moved_copy(run, still), _dropped_gradients(run, still)
    if copy is not None:
        return f"`{run.statement(copy)}` changed a copy: the parameter itself has memory of its own."
    if dropped is not None:
        return (
            f"`{run.statement(dropped)}` returned the gradients, and nothing used them:"
            " `torch.autograd.grad` puts nothing into `.grad`."
        )
    return f"No update of {code(names)} was seen."


def _stopped(run: FitEvidence) -> str:
    return f' It stopped with "{first_line(run.raised.message)}".' if run.raised else ""


def _line(run: FitEvidence, still: Sequence[Slot], event: Event | None) -> int | None:
    seen = event or _moved_copy(run, still) or _dropped_gradients(run, still)
    if seen is not None:
        return run.line(seen)
    updates = [e for e in run.lineage.updates() if e.after >= 1]
    first = [e for e in updates if e.after == updates[0].after]
    return run.line(first[-1]) if first else run.loop_line()


_CHANGE_IT = "Change the tensor itself under `torch.no_grad()`, for example `p -= lr * p.grad`."


def find_in_call(run: CallEvidence) -> Iterator[Found]:
    """A parameter that was given with a gradient, and left as it was."""
    yield from _put_in_its_place(run)
    if any(True for _ in run.left_off("identity")):
        return
    for off in run.left_off("values"):
        view = off.difference.value.tensor
        if view is None or given_values(run, off) != off.difference.value.values:
            continue
        wasted = _computed_for(run, view)
        because = f" `{run.statement(wasted)}` made a new tensor instead." if wasted else ""
        yield Found(
            message=f"`{off.difference.name}` did not move. {differs(run, off)}{because}",
            line=run.line(wasted) or run.change_line(off),
            evidence=evidence_of(run, off),
            fix=_CHANGE_IT,
        )
        return


def _put_in_its_place(run: CallEvidence) -> Iterator[Found]:
    """Another leaf stands in the list where a parameter was given: the parameter itself never moved."""
    for off in run.left_off("identity"):
        view = off.difference.value.tensor
        if view is None or not (view.requires_grad and view.leaf):
            continue
        made = run.maker(off.difference.value)
        yield Found(
            message=(
                f"`{run.statement(made)}` put a new tensor in the place of `{off.difference.name}`. The"
                " parameter that was given did not move: whoever else holds it sees no step."
            ),
            line=run.line(made) or run.source.definition(run.entry.name),
            evidence=evidence_of(run, off),
            fix=_CHANGE_IT,
        )
        return


def _computed_for(run: CallEvidence, view: TensorView) -> Event | None:
    """A call that took the parameter, and made something of the same shape that is not it."""
    for event in run.events:
        takes = any(given.id == view.id for given in event.inputs)
        new = [made for made in event.outputs if made.storage != view.storage and made.shape == view.shape]
        if takes and new and not event.op.startswith("Tensor.grad."):
            return event
    return None


def neutralise(run: Evidence, found: Found) -> Iterator[Intervention]:
    """Write the result into the parameter; make the step that is left out."""
    if not isinstance(run, FitEvidence):
        return
    rebound = [e for e in moving(run) if e.outputs and e.outputs[0].id not in {v.id for v in e.inputs}]
    yield from at("write-back", run, rebound)
    still = tuple(slot.slot for slot in run.slots if slot.unmoved_passes and _never_moved(run, slot))
    if still and not rebound:
        yield Intervention(kind="apply-update", slots=still, number=learning_rate(run))
