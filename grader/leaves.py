"""Parameters that are no leaves, and the calls that made them so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from grader.answers import answers
from grader.evidence import Evidence
from grader.lineage import GRADIENT_READ
from grader.neutralising import at, calls_at, is_small
from grader.pitfall import Found
from grader.records import Event, Intervention, TensorView

MOVES = frozenset({"Tensor.to", "Tensor.cuda", "Tensor.cpu", "Tensor.xpu", "Tensor.mps"})


@dataclass(frozen=True)
class NonLeaf:
    """A parameter that an operation made, and how that was noticed."""

    name: str
    view: TensorView
    birth: Event | None
    noticed: str


def made_non_leaf(run: Evidence) -> NonLeaf | None:
    """The first tensor with a grad_fn whose ``.grad`` was read in vain, or that was handed back as fitted."""
    asked = asked_in_vain(run)
    if asked is not None:
        return asked
    wrong = [answer for answer in answers(run) if run.answer_tensors and not answer.view.leaf]
    if wrong and not run.is_script:
        birth = run.lineage.birth_of(wrong[0].view.id)
        return NonLeaf(wrong[0].name, wrong[0].view, birth, "it was handed back as a fitted parameter")
    return None


def asked_in_vain(run: Evidence) -> NonLeaf | None:
    """The first tensor with a grad_fn whose ``.grad`` was read as None."""
    asked = _asked_in_vain(run)
    if asked is None:
        return None
    return _non_leaf(run, asked, "`.grad` of it was read, and was None")


def is_move(event: Event | None) -> bool:
    """Whether a call moved (or copied) a tensor as it is, its dtype kept."""
    if event is None or event.op not in MOVES or not (event.inputs and event.outputs):
        return False
    return event.inputs[0].dtype == event.outputs[0].dtype


def _non_leaf(run: Evidence, view: TensorView, noticed: str) -> NonLeaf:
    birth = run.lineage.birth_of(view.id)
    return NonLeaf(run.call_it(view, "the parameter"), view, birth, noticed)


def _asked_in_vain(run: Evidence) -> TensorView | None:
    """A tensor with a grad_fn, made before the first backward pass, whose ``.grad`` was read."""
    for event in run.events:
        if event.op == GRADIENT_READ and event.result == "None":
            view = event.inputs[0]
            birth = run.lineage.birth_of(view.id)
            if not view.leaf and birth is not None and _is_before_training(birth):
                return view
    return None


def _is_before_training(birth: Event) -> bool:
    return birth.after == 0 or birth.stage == "import"


def leaves_again(run: Evidence, found: Found) -> Iterator[Intervention]:
    """Make a leaf of what an operation made of a parameter, there and where it is done to others before the
    first pass."""
    here = [e for e in calls_at(run, found) if _unmade_a_leaf(e)]
    ops = {event.op for event in here}
    first = run.loop_line()
    before = [e for e in run.all_events if e.after == 0 and e.op in ops and _unmade_a_leaf(e)]
    elsewhere = [e for e in before if first is None or (run.line(e) or 0) < first]
    yield from at("new-leaf", run, [*here, *elsewhere])


def _unmade_a_leaf(event: Event) -> bool:
    return any(is_small(view) and view.grad_fn is not None for view in event.outputs)
