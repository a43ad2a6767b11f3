"""Where a loss was cut off from the parameters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.evidence import READS, Evidence
from grader.lineage import GRADIENT_READ, GRADIENT_SET
from grader.records import Backward, Event, TensorView

_HARMLESS = frozenset({GRADIENT_READ, GRADIENT_SET, "Tensor.requires_grad.__get__"})


def unreached(run: Evidence) -> tuple[TensorView, ...]:
    """The leaves that require grad and took part in a forward pass, but that no pass reached."""
    reached = {number for slot in run.slots for number in slot.tensors}
    reached |= {state.tensor for backward in run.passes for state in backward.slots}
    found = []
    for view in run.parameter_leaves:
        if view.id not in reached and _takes_part(run, view):
            found.append(view)
    return tuple(found)


def missed(run: Evidence) -> tuple[TensorView, ...]:
    """The leaves that no pass reached although one was meant to: the first pass failed or reached nothing,
    their gradient was asked for, or they were handed back as fitted."""
    if run.is_right:
        return ()  # what was handed back learnt, be it through other leaves
    failed = failing(run)
    if failed is not None and failed.step > 1:
        return _of_forward(run, failed)
    leaves = unreached(run)
    if not leaves or not run.passes:
        return ()
    if run.passes[0].raised or not run.slots:
        return leaves
    asked = {e.inputs[0].id for e in run.events if e.op == GRADIENT_READ and e.result == "None"}
    asked |= {view.id for view in run.answer_tensors}
    return tuple(view for view in leaves if view.id in asked)


def failing(run: Evidence) -> Backward | None:
    """The pass that found no graph behind its loss."""
    failed = run.raising_pass
    if failed is None or failed.loss is None or failed.loss.requires_grad:
        return None
    return failed


def looked_at(run: Evidence) -> Backward | None:
    """The pass to explain: the one that found no graph, else the first."""
    return failing(run) or next(iter(run.passes), None)


def _of_forward(run: Evidence, failed: Backward) -> tuple[TensorView, ...]:
    """The leaves that require grad and went into the forward pass of a pass that found no graph."""
    used = {view.id for event in run.forward_of(failed) for view in event.inputs}
    return tuple(view for view in run.parameter_leaves if view.id in used)


def _takes_part(run: Evidence, view: TensorView) -> bool:
    return any(event.op not in _HARMLESS for event in run.lineage.uses(view))


def cut(run: Evidence, backward: Backward | None, leaves: Sequence[TensorView]) -> Event | None:
    """The call that cut the way from ``leaves`` to the loss of a pass (or to where it would have been).

    First the calls that the loss was computed by; then the reads to Python, whose results autograd
    cannot follow.
    """
    limit = backward.event if backward else len(run.all_events)
    loss = backward.loss if backward else None
    way = run.lineage.ancestors(loss) if loss is not None else []
    cuts = [event for event in way if is_cut(event)]
    if cuts:
        return min(cuts, key=lambda event: event.index)
    reads = [event for event in _reads(run, leaves) if event.index < limit]
    lines = {run.line(event) for event in way}
    near = [event for event in reads if run.line(event) in lines]
    return next(iter(near or reads), None)


def is_cut(event: Event) -> bool:
    """Whether a call took what requires grad, and made something that has no history."""
    given = {view.id for view in event.inputs if view.requires_grad}
    made = [view for view in event.outputs if view.id not in given]
    return bool(given and made) and all(view.leaf for view in made)


def _reads(run: Evidence, leaves: Sequence[TensorView]) -> Iterator[Event]:
    numbers = {view.id for view in leaves}
    for event in run.events:
        if event.op in READS and event.after == 0 and event.inputs:
            given = event.inputs[0]
            behind = {v.id for e in run.lineage.ancestors(given) for v in e.inputs} | {given.id}
            if behind & numbers:
                yield event
