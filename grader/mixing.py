"""Calls that torch refused because their tensors were on different devices: how the stray one got there."""

from __future__ import annotations

from dataclasses import dataclass

from grader.answers import Answer, answers
from grader.evidence import Evidence
from grader.leaves import MOVES
from grader.records import Event, TensorView


@dataclass(frozen=True)
class Mix:
    """A refused call, and the tensor in it that is not where the data are."""

    event: Event
    stray: TensorView
    home: str
    """The device of the data."""
    origin: Event | None
    """The call that made the stray tensor from nothing on its device."""
    dropped_move: Event | None
    """A call that moved it to the data's device, and whose result nobody used."""
    moved_away: Event | None
    """The call that took it away from the data's device."""


def refused_mix(run: Evidence) -> Mix | None:
    """The mix of devices that ended a run; None where something else did."""
    event = run.raising_event
    if event is None or len({view.device for view in event.inputs}) < 2:
        return None
    home = run.request.device
    stray = next((view for view in event.inputs if not is_on(view, home) and view.numel > 0), None)
    if stray is None:
        return None
    way = run.lineage.ancestors(stray)
    origin = next((e for e in reversed(way) if not e.inputs), None) or _maker(run, stray)
    away = next((e for e in way if e.op in MOVES and is_on(e.inputs[0], home)), None)
    return Mix(event, stray, home, origin, _dropped_move(run, stray, home), away)


def is_on(view: TensorView, device: str) -> bool:
    """Whether a tensor is on a device, whatever its index."""
    return view.device.partition(":")[0] == device.partition(":")[0]


def _maker(run: Evidence, view: TensorView) -> Event | None:
    birth = run.lineage.birth(view)
    return birth if birth is not None and not birth.inputs else None


def _dropped_move(run: Evidence, stray: TensorView, home: str) -> Event | None:
    for event in run.events:
        if event.op not in MOVES or not (event.inputs and event.outputs):
            continue
        before, after = event.inputs[0], event.outputs[0]
        same = before.storage == stray.storage and is_on(after, home)
        if same and not run.lineage.uses(after, event.index):
            return event
    return None


@dataclass(frozen=True)
class Strayed:
    """A fitted parameter that was handed back on another device than the data's."""

    answer: Answer
    origin: Event | None
    """The call that made it from nothing."""
    moved_away: Event | None
    """The call that took it away from the data's device."""


def strayed_answer(run: Evidence) -> Strayed | None:
    """The first such parameter of a function that came back; a script picks its own device."""
    if run.is_script or not run.returned_normally or not run.answer_tensors:
        return None
    home = run.request.device
    for answer in answers(run):
        if not is_on(answer.view, home):
            way = run.lineage.ancestors(answer.view)
            origin = next((e for e in reversed(way) if not e.inputs), None) or _maker(run, answer.view)
            away = next((e for e in way if e.op in MOVES and is_on(e.inputs[0], home)), None)
            return Strayed(answer, origin, away)
    return None
