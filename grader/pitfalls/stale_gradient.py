"""Gradient from an earlier step is still in ``.grad`` when an update consumes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.call_evidence import CallEvidence, Off
from grader.evidence import Evidence, FitEvidence, Step
from grader.motion import follows_fresh
from grader.pitfall import Example, Found, Pitfall
from grader.pitfalls._calls import arguments_in, differs, evidence_of
from grader.pitfalls._symptoms import POOR_FIT
from grader.records import Event, Intervention, Slot
from grader.words import code, fitted, number, numbers

PITFALL = Pitfall(
    title="An update used gradient left over from an earlier step",
    section="zeroing",
    rubric="gradient-zeroing",
    what=(
        "`backward()` adds to `.grad`; it does not overwrite it. What an earlier step left there is still"
        " in it when the next update reads it."
    ),
    why=(
        "Each update then steps along a sum of gradients, old ones too, instead of the gradient here. Such a"
        " walk overshoots and swings around the minimum; whether it ever settles depends on the data."
    ),
    mend=(
        "Clear every parameter's gradient once a step, after the update: `p.grad = None` (or"
        " `p.grad.zero_()`)."
    ),
    explains=POOR_FIT,
    see_also="Autograd: the computation graph, rule 2 (gradients accumulate)",
    bad=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):  # <- stale-gradient
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
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
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        b.grad = None  # <- stale-gradient
    return w, b
""",
            note="one gradient of two is cleared",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    p = torch.zeros(3, requires_grad=True)
    for step in range(steps):
        loss = ((p[0] * x ** 2 + p[1] * x + p[2] - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        gradient = p.grad.clone()
        gradient.zero_()  # <- stale-gradient
    return p
""",
            exercise="quadratic",
            note="a copy is cleared",
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
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = None
        b.grad = None
    return w, b
"""
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    half = len(x) // 2
    for step in range(steps):
        for part in (slice(None, half), slice(half, None)):
            loss = ((w * x[part] + b - y[part]) ** 2).mean() / 2
            loss.backward()
        with torch.no_grad():
            for p in (w, b):
                p -= lr * p.grad
                p.grad.zero_()
    return w, b
""",
            note="meant accumulation: two micro-batches make one step",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    before = [torch.zeros(1), torch.zeros(1)]
    for step in range(steps):
        ((w * x + b - y) ** 2).mean().backward()
        with torch.no_grad():
            for i, p in enumerate((w, b)):
                p -= lr * (p.grad - before[i])
                before[i] = p.grad.clone()
    return w, b
""",
            note="never cleared, but only what is new is used",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        w.grad = b.grad = None
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
    return w, b
""",
            note="cleared before the pass instead of after it",
        ),
    ),
)


SOMETIMES = 0.75
"""A gradient that is carried over in fewer of the passes than this is cleared now and then."""


def find(run: FitEvidence) -> Iterator[Found]:
    stale = {slot.slot: step for slot in run.slots if (step := _first_stale(run, slot)) is not None}
    if not stale:
        return
    forgotten = [slot for slot in run.slots if slot.slot in stale]
    first = min(stale.values(), key=lambda step: step.number)
    names = [f"{run.name_of(slot)}.grad" for slot in forgotten]
    yield Found(
        message=f"{_seen(first)} {_which(run, forgotten)} {_outcome(run)}".rstrip(),
        line=_line(run, forgotten),
        step=first.number,
        evidence={
            "parameter": first.name,
            "grad": first.state.grad_after,
            "fresh": first.state.fresh,
            "left_over": first.state.carried,
            "forgotten": names,
            "steps_with_stale_gradient": {run.name_of(slot): slot.carried_passes for slot in forgotten},
        },
        fix=(
            f"Clear {code(names)} once a step, after the update, for example"
            f" `{names[0]} = None`: the next `backward()` then starts from nothing."
        ),
    )


def _first_stale(run: FitEvidence, slot: Slot) -> Step | None:
    if not slot.carried_passes:
        return None
    steps = [s for s in run.steps_of(slot) if s.state.carried and any(s.state.carried)]
    consumed = [step for step in steps if step.moved and any(step.moved)]
    return next((step for step in consumed if not follows_fresh(run, step.number)), None)


def _seen(step: Step) -> str:
    state = step.state
    place = _largest(state.carried or ())
    label = f"{step.name}.grad" if len(state.carried or ()) == 1 else f"{step.name}.grad[{place}]"
    total, fresh, left = (
        values[place] if values else 0.0 for values in (state.grad_after, state.fresh, state.carried)
    )
    origin = "step 1" if step.number == 2 else "earlier steps"
    return (
        f"At step {step.number} `{label}` was {number(total)}, but the gradient of your loss there is"
        f" {number(fresh)}: the other {number(left)} is left over from {origin}."
    )


def _largest(values: Sequence[float]) -> int:
    return max(range(len(values)), key=lambda i: abs(values[i]), default=0)


def _which(run: FitEvidence, forgotten: Sequence[Slot]) -> str:
    cleared = [slot for slot in run.slots if slot not in forgotten]
    names = code([f"{run.name_of(slot)}.grad" for slot in forgotten])
    if any(slot.carried_passes < SOMETIMES * slot.passes for slot in forgotten):
        return "That happened at some steps and not at others."
    if cleared:
        others = code([f"{run.name_of(slot)}.grad" for slot in cleared])
        return f"{others} {'is' if len(cleared) == 1 else 'are'} cleared at each step, {names} never."
    return f"{names} {'was' if len(forgotten) == 1 else 'were'} never cleared."


def _outcome(run: FitEvidence) -> str:
    if run.recovered is None:
        return ""
    if run.is_right:
        return "The numbers came out right all the same in this run; that is luck, and not the loop's doing."
    ended = fitted(run.fit.names, run.recovered)
    return f"The run ended at {ended}, where {fitted(run.fit.names, run.fit.expected)} fits best."


def _line(run: FitEvidence, forgotten: Sequence[Slot]) -> int | None:
    """Where the other gradients are cleared, or where something else was; else the loop."""
    candidates = [event for event in _clearings(run, forgotten) if event.after >= 1]
    return run.line(candidates[0]) if candidates else run.loop_line()


def _clearings(run: FitEvidence, forgotten: Sequence[Slot]) -> list[Event]:
    found: list[Event] = []
    for slot in [*forgotten, *run.slots]:
        for number_ in slot.tensors:
            found += run.lineage.clearings(number_)
    return found or list(run.lineage.idle_clearings())


def find_in_call(run: CallEvidence) -> Iterator[Found]:
    """Gradient that an earlier call left, or that was to be cleared and was not."""
    yield from _left_behind(run)
    if run.is_right:
        return
    yield from list(_counted_twice(run)) or _from_an_earlier_call(run)


def _counted_twice(run: CallEvidence) -> Iterator[Found]:
    """Two forward and backward passes of the very same in one call: the gradient is there twice."""
    for backward in run.passes_of(0) if run.calls else ():
        for state in backward.slots:
            before, fresh = state.grad_before, state.fresh
            if before and any(before) and before == fresh and backward.kind == "backward":
                name = run.name_of(run.slots[state.slot])
                yield Found(
                    message=(
                        f"In `{run.asked()}`, `{run.statement(backward)}` came when `{name}.grad` held"
                        f" {numbers(before)} already, and added the same again: {numbers(state.grad_after)}."
                    ),
                    line=run.line(backward),
                    step=backward.step,
                    evidence={"left_over": before, "fresh": fresh, "grad": state.grad_after},
                    title="The same gradient was added twice",
                    fix="Go backward once, or clear `.grad` in between.",
                    why="`backward()` adds to `.grad`: a second pass does not replace what the first left.",
                )
                return


def _from_an_earlier_call(run: CallEvidence) -> Iterator[Found]:
    for call in range(1, len(run.calls)):
        for backward in run.passes_of(call):
            for state in backward.slots:
                before, fresh = state.grad_before, state.fresh
                if before is not None and fresh is not None and any(before):
                    slot = run.slots[state.slot]
                    yield Found(
                        message=(
                            f"In {run.which(call)} `{run.name_of(slot)}.grad` held {numbers(before)} from an"
                            f" earlier call, and `backward()` added {numbers(fresh)} to it: it was"
                            f" {numbers(state.grad_after)} then."
                        ),
                        line=run.line(run.lineage.birth_of(state.tensor)) or run.line(backward),
                        step=backward.step,
                        evidence={"left_over": before, "fresh": fresh, "grad": state.grad_after},
                        title="Gradient of an earlier call was still there",
                        fix="Make the tensor anew in each call, or clear its `.grad` before `backward()`.",
                        why="`backward()` adds to `.grad`: every call but the first gives a sum.",
                    )
                    return


def _cleared_instead(run: CallEvidence, off: Off) -> Event | None:
    """The last call that cleared something else: a copy of the gradient, or that of another parameter."""
    others = [e for number in arguments_in(run) for e in run.lineage.clearings(number)]
    mine = {event.index for event in run.events_of(off.call)}
    found = [e for e in (*others, *run.lineage.idle_clearings()) if e.index in mine]
    return max(found, key=lambda event: event.index, default=None)


def _left_behind(run: CallEvidence) -> Iterator[Found]:
    off = next(run.left_off("gradient"), None)
    if off is not None:
        passes = list(run.passes_of(off.call))
        yield Found(
            message=f"{differs(run, off)} What is left there, the next `backward()` adds to.",
            line=run.line(_cleared_instead(run, off) or next(reversed(passes), None)) or run.change_line(off),
            evidence=evidence_of(run, off),
            explains=(),
            title="Gradient is left behind",
            fix="Set each `.grad` to None, or fill it with zeros, when it has been used.",
            why="`backward()` adds to `.grad`: whoever comes next steps along this gradient once more.",
        )


def neutralise(run: Evidence, found: Found) -> Iterator[Intervention]:
    """Clear what is older than the last move before each pass."""
    if isinstance(run, FitEvidence):
        yield Intervention(kind="clear-stale")
