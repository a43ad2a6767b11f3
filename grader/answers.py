"""The fitted parameters that a submission handed back, or at least trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.evidence import Evidence
from grader.records import Event, TensorView


@dataclass(frozen=True)
class Answer:
    """One fitted parameter."""

    name: str
    view: TensorView
    """As it was handed back."""
    first: TensorView
    """As it was made."""
    birth: Event | None
    line: int | None
    """Where it was made."""


def answers(run: Evidence) -> tuple[Answer, ...]:
    """The tensors that were handed back; where the run did not get so far, those that were trained."""
    views = run.answer_tensors or _trained(run)
    names = run.answer_names
    whole = len(views) == len(names)
    return tuple(_answer(run, v, names[i] if whole else "") for i, v in enumerate(views))


def _answer(run: Evidence, view: TensorView, name: str) -> Answer:
    birth = run.lineage.birth(view)
    first = next((v for v in birth.outputs if v.id == view.id), view) if birth else view
    return Answer(run.call_it(view, name or "the parameter"), view, first, birth, run.line(birth))


def _trained(run: Evidence) -> Sequence[TensorView]:
    wanted = {number for slot in run.slots for number in slot.tensors[:1]}
    found: dict[int, TensorView] = {}
    for event in run.events:
        for view in (*event.inputs, *event.outputs):
            if view.id in wanted:
                found.setdefault(view.id, view)
    return list(found.values())
