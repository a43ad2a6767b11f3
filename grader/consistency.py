"""Whether a run's own account of itself can be true.

What a child sends is a claim. Checked here, against the data and the clock of the parent, is only what no
honest recorder could have sent, whatever the submission did: another loss, a hook on a gradient or an odd way
to update is no contradiction.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise, permutations

from grader.evidence import FitEvidence
from grader.fit import Fit
from grader.records import Backward, ReturnedValue, SlotState, TensorView, Trace
from grader.words import number, numbers

CLOCK_SECONDS = 1.0
"""By how much a child's clock may be ahead of the parent's."""
LOSS_DIGITS = 1e-3
"""How near a loss in float32 is to the same one computed in float64."""
SAME_DIRECTION = 0.9
"""The least cosine between a gradient as reported and as computed from the data."""
SIGNIFICANT = 1e-2
"""Below this a gradient in float32 is mostly rounding."""
LEAST_STEPS = 3

Values = Sequence[float]


def contradictions(run: FitEvidence) -> Iterator[str]:
    """What in a run's account contradicts itself, or the data that it was given, in words.

    Of a run that came to its end: an exception may leave the recorder in the middle of a step (for want of
    memory), and such a run earns nothing by what it says.
    """
    if run.trace is not None and run.returned_normally:
        yield from _clock(run, run.trace)
        yield from _counts(run.trace)
        yield from _sizes(run.trace)
        yield from _moves(run.trace)
        yield from _gradients(run.trace)
        yield from _ends(run, run.trace)
        yield from _directions(run)


def _clock(run: FitEvidence, trace: Trace) -> Iterator[str]:
    if trace.seconds > run.report.seconds + CLOCK_SECONDS:
        yield f"it says that it took {trace.seconds:.1f} s, and it lived {run.report.seconds:.1f} s"


def _counts(trace: Trace) -> Iterator[str]:
    steps = [backward.step for backward in trace.backwards]
    if any(later <= earlier for earlier, later in pairwise(steps)):
        yield "its backward passes are not in their order"
    if [event.index for event in trace.events] != list(range(len(trace.events))):
        yield "its calls are not in their order"


def _sizes(trace: Trace) -> Iterator[str]:
    for view in _views(trace):
        if view.values is not None and len(view.values) != math.prod(view.shape):
            yield f"a tensor of shape {view.shape} has {len(view.values)} values"
            return


def _views(trace: Trace) -> Iterator[TensorView]:
    for event in trace.events:
        yield from (*event.inputs, *event.outputs)
    yield from (backward.loss for backward in trace.backwards if backward.loss is not None)
    for value in (trace.returned, *trace.globals.values()):
        yield from _tensors(value)


def _tensors(value: ReturnedValue | None) -> Iterator[TensorView]:
    if value is not None and value.tensor is not None:
        yield value.tensor
    for item in value.items if value is not None else ():
        yield from _tensors(item)


def _moves(trace: Trace) -> Iterator[str]:
    """Between two passes that follow each other, a parameter has moved by what it moved."""
    for earlier, later in pairwise(trace.backwards):
        if later.step != earlier.step + 1 or earlier.raised or later.raised:
            continue
        for before, after in _same_slots(earlier, later):
            if before.value is None or after.value is None or after.delta is None:
                continue
            if len(before.value) != len(after.value):
                continue
            moved = [b - a for a, b in zip(before.value, after.value, strict=True)]
            if not _equal(moved, after.delta):
                yield (
                    f"before step {later.step} a parameter went from {numbers(before.value)} to"
                    f" {numbers(after.value)}, and it says that it moved by {numbers(after.delta)}"
                )
                return


def _same_slots(earlier: Backward, later: Backward) -> Iterator[tuple[SlotState, SlotState]]:
    known = {state.slot: state for state in earlier.slots}
    yield from ((known[state.slot], state) for state in later.slots if state.slot in known)


def _gradients(trace: Trace) -> Iterator[str]:
    """What a backward pass added to a gradient is what it made."""
    for backward in trace.backwards:
        if backward.kind != "backward" or backward.raised:
            continue
        for state in backward.slots:
            added = _added(state)
            if added is not None and state.fresh is not None and not _equal(added, state.fresh):
                yield (
                    f"at step {backward.step} a gradient grew by {numbers(added)}, and it says that"
                    f" {numbers(state.fresh)} was made"
                )
                return


def _added(state: SlotState) -> Values | None:
    before, after = state.grad_before, state.grad_after
    if before is None or after is None or len(before) != len(after):
        return after
    return [b - a for a, b in zip(before, after, strict=True)]


def _ends(run: FitEvidence, trace: Trace) -> Iterator[str]:
    """A parameter that was handed back has the value that it had at the end."""
    finals = {slot.tensors[-1]: slot.final for slot in trace.slots if slot.tensors}
    for view in run.answer_tensors:
        final = finals.get(view.id)
        if final is None or view.values is None or len(final) != len(view.values):
            continue
        if not _equal(final, view.values):
            yield f"a parameter ended at {numbers(final)} and was handed back as {numbers(view.values)}"
            return


def _directions(run: FitEvidence) -> Iterator[str]:
    """Where every loss is the mean squared error at the parameters, the gradients point where its do.

    A gradient that hooks or a custom function have changed is no contradiction, nor one that is scaled,
    by a negative number too. Of runs with the right answer: on the way to a wrong one another loss may have
    the same values by chance (with `(N,)` against `(N, 1)` and a slope that stays 0, it has).
    """
    if run.trace is None or not run.is_right or _touches_gradients(run.trace):
        return
    judged = _judged(run.fit, [backward for backward in run.passes if backward.slots])
    steps = [(step, cosine) for step, cosine in judged if not math.isnan(cosine)]
    if len(steps) < LEAST_STEPS:
        return
    wrong = [(step, cosine) for step, cosine in steps if abs(cosine) < SAME_DIRECTION]
    if len(wrong) > len(steps) // 2:
        yield (
            "its losses are the mean squared error on the data that it was given, and at step"
            f" {wrong[0][0]} its gradient is not that error's (cosine {number(wrong[0][1])})"
        )


def _touches_gradients(trace: Trace) -> bool:
    """By hooks, through a class of ours that noted it, or a function of the submission's own in the graph:
    torch's own nodes have a number at the end of their names."""
    if any("hook" in op or op.startswith("python.") for op in {event.op for event in trace.events}):
        return True
    return any(node.name.endswith("Backward") for passed in trace.backwards for node in passed.graph)


def _judged(fit: Fit, passes: Sequence[Backward]) -> list[tuple[int, float]]:
    """Each step, and the best cosine (NaN where the gradient is nothing); none where a loss is another."""
    if not all(_is_told(backward, fit.size) for backward in passes):
        return []
    orders = [(backward, order) for backward in passes for order in permutations(backward.slots)]
    places = [[value for state in order for value in state.value or ()] for _, order in orders]
    losses = fit.losses(places) if places else None
    if losses is None:
        return []
    same = [
        index
        for index, ((backward, _), expected) in enumerate(zip(orders, losses, strict=True))
        if backward.loss is not None and _is_same_loss(backward.loss, expected)
    ]
    cosines: dict[int, list[float]] = {backward.step: [] for backward in passes}
    for index, gradient in zip(same, fit.gradients([places[index] for index in same]), strict=True):
        backward, order = orders[index]
        fresh = [value for state in order for value in state.fresh or ()]
        if len(fresh) == len(gradient):
            cosines[backward.step].append(_cosine(fresh, gradient))
    if not all(cosines.values()):
        return []
    return [(step, max(found, key=_nan_first)) for step, found in cosines.items()]


def _is_told(backward: Backward, size: int) -> bool:
    """Whether its loss is one number, and the parameters and their gradients are known, ``size`` numbers."""
    loss = backward.loss.values if backward.loss is not None else None
    values = [state.value for state in backward.slots if state.value is not None and state.fresh is not None]
    complete = len(values) == len(backward.slots) and sum(map(len, values)) == size
    return loss is not None and len(loss) == 1 and complete


def _is_same_loss(told: TensorView, expected: float) -> bool:
    """NaN is like anything."""
    loss = (told.values or (math.nan,))[0]
    return not abs(expected - loss) > LOSS_DIGITS * max(1e-3, abs(expected))


def _nan_first(cosine: float) -> float:
    return math.inf if math.isnan(cosine) else abs(cosine)


def _cosine(a: Values, b: Values) -> float:
    """NaN where one of them is too small to point anywhere."""
    sizes = math.hypot(*a), math.hypot(*b)
    if not all(math.isfinite(size) and size > SIGNIFICANT for size in sizes):
        return math.nan
    return sum(x * y for x, y in zip(a, b, strict=True)) / (sizes[0] * sizes[1])


def _equal(a: Values, b: Values) -> bool:
    """To the last bit: both were computed from the same numbers in the same way. NaN is like NaN."""
    if len(a) != len(b):
        return False
    return all(x == y or (math.isnan(x) and math.isnan(y)) for x, y in zip(a, b, strict=True))
