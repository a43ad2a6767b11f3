"""The gradient is cleared between the backward pass and the update that was to use it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.call_evidence import CallEvidence
from grader.evidence import READS, Evidence, FitEvidence, Step
from grader.lineage import GRADIENT_DELETED, GRADIENT_READ, GRADIENT_SET
from grader.motion import SIGNIFICANT, largest
from grader.neutralising import at, clearings
from grader.pitfall import Example, Found, Pitfall
from grader.pitfalls._calls import arguments_in
from grader.pitfalls._symptoms import EXCEPTION, POOR_FIT
from grader.records import Event, Intervention, Slot
from grader.words import numbers

PITFALL = Pitfall(
    title="The gradient was cleared before it could be used",
    section="zeroing",
    rubric="gradient-zeroing",
    what="Between `backward()` and the update the gradient is set to None or to zero.",
    why="The update then subtracts nothing (or fails on None), and the parameter stays where it is.",
    mend="Keep the order: forward, backward, update, and only then clear the gradient.",
    explains=(*POOR_FIT, *EXCEPTION, "unapplied-update", "missing-backward", "wrong-return"),
    see_also="Capstone, the training loop: the canonical order",
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
        w.grad.zero_()  # <- gradient-cleared-too-early
        b.grad.zero_()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
    return w, b
"""
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
        w.grad = b.grad = None  # <- gradient-cleared-too-early
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
    return w, b
""",
            note="the update meets None",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        ((w * x + b - y) ** 2).mean().backward()
        with torch.no_grad():
            for p in (w, b):
                g = p.grad
                p.grad.zero_()  # <- gradient-cleared-too-early
                p -= lr * g
    return w, b
""",
            note="`g` is the very tensor that is zeroed",
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
        ((w * x + b - y) ** 2).mean().backward()
        with torch.no_grad():
            for p in (w, b):
                g = p.grad
                p.grad = None
                p -= lr * g
    return w, b
""",
            note="`g` still holds the gradient",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        ((w * x + b - y) ** 2).mean().backward()
        with torch.no_grad():
            for p in (w, b):
                g = p.grad.clone()
                p.grad.zero_()
                p -= lr * g
    return w, b
""",
            note="a copy was taken",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        if w.grad is not None:
            w.grad.zero_()
            b.grad.zero_()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
    return w, b
""",
            note="cleared between forward and backward",
        ),
    ),
)

_LOOKS = (*READS, "Tensor.detach", "Tensor.cpu", GRADIENT_SET)
"""What may be done with a gradient without computing anything from it."""


def find(run: FitEvidence) -> Iterator[Found]:
    watched = {event.after for event in run.events}
    for slot in run.slots:
        steps = run.steps_of(slot)
        for step in steps:
            clearing = _too_early(run, slot, step) if step.number in watched else None
            if clearing is None and not slot.replaced:
                clearing = _dropped(run, step, steps)
            if clearing is not None:
                yield _found(run, step, clearing)
                return


def _too_early(run: FitEvidence, slot: Slot, step: Step) -> Event | None:
    fresh = step.state.fresh
    if not fresh or largest(fresh) < SIGNIFICANT or (step.moved and any(step.moved)):
        return None
    number = step.state.tensor
    clearings = [e for e in run.lineage.clearings(number) if e.after == step.number]
    wanted = [e for e in _wanted(run, number) if e.after == step.number]
    found = next((c for c in clearings if any(w.index > c.index for w in wanted)), None)
    if found is None and step.stood_still and not run.is_right:
        found = next((c for c in clearings if _came_first(run, number, c)), None)
    return found


def _came_first(run: FitEvidence, number: int, clearing: Event) -> bool:
    """Whether nothing had been computed from the gradient when it was cleared, and it was looked for
    afterwards, or waited for an update in an array that shares its memory."""
    reads = [e for e in run.events if e.op == GRADIENT_READ and e.inputs[0].id == number]
    reads = [e for e in reads if e.after == clearing.after]
    held = {view.storage for read in reads for view in read.outputs}
    uses = [e for e in run.events if e.after == clearing.after and any(v.storage in held for v in e.inputs)]
    if any(e.op not in _LOOKS for e in uses if e.index < clearing.index):
        return False
    if any(read.result == "None" and read.index > clearing.index for read in reads):
        return True
    in_place = clearing.op not in (GRADIENT_SET, GRADIENT_DELETED)
    waiting = bool(held & set(clearing.arrays))
    return in_place and waiting and _awaits_change(run, number, clearing)


def _awaits_change(run: FitEvidence, number: int, clearing: Event) -> bool:
    """Whether an array looked at the parameter's memory, or zeros were added to it after the clearing."""
    memory = {view.storage for e in run.events for view in e.inputs if view.id == number}
    if memory & set(clearing.arrays):
        return True
    later = [e for e in run.events if e.after == clearing.after and e.index > clearing.index]
    return any(
        e.op.endswith("_") and e.inputs[0].storage in memory and any(_is_zero(v.values) for v in e.inputs[1:])
        for e in later
        if e.inputs
    )


def _dropped(run: FitEvidence, step: Step, steps: Sequence[Step]) -> Event | None:
    """A clearing between two passes of one step: what the first of them brought was used by nobody."""
    fresh = step.state.fresh
    if run.is_right or not step.stood_still or not run.returned_normally:
        return None
    if not fresh or largest(fresh) < SIGNIFICANT:
        return None
    if not any(later.moved and any(later.moved) for later in steps if later.number > step.number):
        return None
    clearings = run.lineage.clearings(step.state.tensor)
    return next((event for event in clearings if event.after == step.number), None)


def _wanted(run: FitEvidence, number: int) -> Iterator[Event]:
    """The calls that wanted the parameter's gradient: its updates, and a read that got None."""
    for event in run.lineage.updates():
        concerned = any(view.id == number for view in event.inputs)
        if concerned and any(_is_zero(view.values) for view in run.lineage.gradients_in(event)):
            yield event
    if run.raised is not None:
        for event in run.events:
            read = event.op == GRADIENT_READ and event.inputs[0].id == number
            if read and event.result == "None":
                yield event


def _is_zero(values: tuple[float, ...] | None) -> bool:
    return bool(values) and not any(values or ())


def _found(run: FitEvidence, step: Step, clearing: Event) -> Found:
    gone = run.raised is not None or clearing.op in (GRADIENT_SET, GRADIENT_DELETED)
    left = "None" if gone else "only zeros"
    return Found(
        message=(
            f"At step {step.number} `backward()` put {numbers(step.state.fresh)} into"
            f" `{step.name}.grad`, then `{run.statement(clearing)}` cleared it, and the"
            f" update that was to use it found {left}: `{step.name}` stayed at {numbers(step.state.value)}."
        ),
        line=run.line(clearing),
        step=step.number,
        evidence={
            "parameter": step.name,
            "fresh": step.state.fresh,
            "value": step.state.value,
            "moved": step.moved,
        },
        fix="Move this line below the update.",
    )


def find_in_call(run: CallEvidence) -> Iterator[Found]:
    """A gradient that was cleared before it was used, or between passes whose gradients were to add up."""
    if run.is_right:
        return
    leaves = {number for slot in run.slots for number in slot.tensors}
    owners = arguments_in(run) | leaves
    pairs = [(e, number) for number in owners for e in run.lineage.clearings(number)]
    for event, number in sorted(pairs, key=lambda pair: pair[0].index):
        passes = [p.step for p in run.passes_of(run.call_of(event))]
        between = bool(passes) and passes[0] <= event.after < passes[-1] and run.case.backward_passes > 0
        filled = not passes if number not in leaves else event.after in passes
        before_use = filled and not between and _was_wanted_later(run, event, number)
        aliased = bool(passes) and event.after in passes and _is_handed_back(run, event)
        if between or before_use or aliased:
            yield _cleared_in_call(run, event, between, aliased)
            return


def _was_wanted_later(run: CallEvidence, clearing: Event, number: int) -> bool:
    """Whether the gradient that was cleared was asked for afterwards, before another pass filled it anew;
    or a second name for it was."""
    memory = clearing.inputs[0].storage if clearing.op.endswith("_") and clearing.inputs else None
    cleared = {event.index for event in run.lineage.clearings(number)}
    zeroed = {e.site for e in run.lineage.clearings(number)}
    for event in run.events_of(run.call_of(clearing)):
        if event.index <= clearing.index or event.after != clearing.after or event.index in cleared:
            continue
        asked = event.op == GRADIENT_READ and event.inputs[0].id == number and event.site not in zeroed
        alias = memory is not None and event.op in READS and event.inputs[0].storage == memory
        if asked or alias:
            return True
    return False


def _is_handed_back(run: CallEvidence, clearing: Event) -> bool:
    """Whether what was cleared in place is the very memory that was returned."""
    memory = {view.storage for view in run.answer_tensors}
    zeroed = clearing.op.endswith("_") and bool(clearing.inputs) and clearing.inputs[0].storage in memory
    return zeroed and any(True for _ in run.about("values"))


def _cleared_in_call(run: CallEvidence, event: Event, between: bool, aliased: bool) -> Found:
    if aliased:
        why = "emptied the very memory that is handed back: a name for `.grad` is no copy of it"
    elif between:
        why = "cleared the gradient between two batches: what the earlier ones had added is gone"
    else:
        why = "cleared the gradient before it was used"
    return Found(
        message=f"In `{run.asked(run.call_of(event))}`, `{run.statement(event)}` {why}.",
        line=run.line(event),
        evidence={"call": event.op, "after_backward_passes": event.after},
        why="A gradient that is cleared before it is read is lost, and nothing says so.",
        fix="Clear it when it has been used, and not before."
        if not aliased
        else "Hand back a copy (`.clone()`), or clear by `.grad = None`, which leaves the old tensor alone.",
    )


def neutralise(run: Evidence, found: Found) -> Iterator[Intervention]:
    """Leave the gradient until it was used; clear it before the next pass."""
    used = min((event.index for event in run.lineage.updates()), default=len(run.all_events))
    early = [event for event in clearings(run) if event.index < used]
    if early and isinstance(run, FitEvidence):
        yield from at("hand-through", run, early)
        yield Intervention(kind="clear-stale")
