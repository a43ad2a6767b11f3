"""Where in a submission an intervention is to take hold: questions on a recorded run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from grader.evidence import SMALL, Evidence, FitEvidence
from grader.motion import gradient_factor, rate, stable_rate, steady_rate
from grader.pitfall import Found
from grader.records import Event, Intervention, InterventionKind, Position, Slot, TensorView

SAFE = 0.4
"""The share of the largest stable learning rate that a fit is tried with where no rate was asked for."""
SAME = 0.02
"""A rate within this of another is that one."""


def at(
    kind: InterventionKind, run: Evidence, events: Iterable[Event], **more: float
) -> Iterator[Intervention]:
    """An intervention on the expressions that made these calls; nothing where there are none."""
    sites = [run.site(event.site) for event in events]
    found = [
        Position(line=s.line, end_line=s.end_line, column=s.column, end_column=s.end_column)
        for s in sites
        if s is not None
    ]
    if found:
        yield Intervention(kind=kind, positions=tuple(dict.fromkeys(found)), number=more.get("number"))


def calls_at(run: Evidence, found: Found) -> list[Event]:
    """The calls that were made at the line of a finding."""
    return [event for event in run.all_events if run.line(event) == found.line]


def is_small(view: TensorView) -> bool:
    return view.numel <= SMALL


def moving(run: Evidence) -> list[Event]:
    """The calls that moved parameters, with a gradient or with something else."""
    updates = run.lineage.updates()
    in_place = (e for e in run.events if e.after >= 1 and _writes_a_parameter(run, e))
    found = {event.index: event for event in (*updates, *in_place) if event.after >= 1}
    return [found[index] for index in sorted(found)]


def writes(event: Event) -> bool:
    """Whether a call wrote into the tensor that it was called on."""
    name = event.op.rpartition(".")[2]
    in_place = (name.endswith("_") and not name.endswith("__")) or name.startswith("__i")
    return bool(event.inputs) and in_place


def _writes_a_parameter(run: Evidence, event: Event) -> bool:
    if not writes(event) or len(event.inputs) < 2:
        return False
    target = event.inputs[0]
    return run.lineage.is_parameter(target) and not run.lineage.is_gradient(target)


def clearings(run: Evidence) -> list[Event]:
    """The calls that cleared the gradient of a parameter after a first pass."""
    numbers = [number for slot in run.slots for number in slot.tensors]
    found = [event for number in numbers for event in run.lineage.clearings(number)]
    return sorted({event.index: event for event in found if event.after >= 1}.values(), key=lambda e: e.index)


def slot_of(run: Evidence, event: Event) -> Slot | None:
    """The parameter that an update is about."""
    views = [view for view in event.inputs if run.lineage.is_parameter(view)]
    for view in views:
        for slot in run.slots:
            if view.id in slot.tensors or view.storage in _memory(run, slot):
                return slot
    return None


def _memory(run: Evidence, slot: Slot) -> set[int]:
    views = (view for event in run.events for view in (*event.inputs, *event.outputs))
    return {view.storage for view in views if view.id in slot.tensors}


def learning_rate(run: FitEvidence) -> float | None:
    """The rate that was asked for, else the one that most of the steps used."""
    return run.fit.lr if run.fit.lr is not None else rate(run)


def other_pace(run: FitEvidence) -> float | None:
    """By what a submission's moves are to be multiplied, to be those of gradient descent on the mean squared
    error at the learning rate that was asked for; None where they are, or where it cannot be told."""
    used, factor, stable = steady_rate(run), gradient_factor(run), stable_rate(run)
    wanted = run.fit.lr if run.fit.lr is not None else SAFE * stable if stable else None
    if used is None or not used or wanted is None:
        return None
    pace = wanted / (used * (factor or 1.0))
    return None if abs(pace - 1) < SAME else pace
