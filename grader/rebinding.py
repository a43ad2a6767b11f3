"""Updates that made a new tensor, and what the submission did with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from grader.evidence import FitEvidence
from grader.lineage import GRADIENT_READ, GRADIENT_SET
from grader.records import Event, TensorView

_ADOPTIONS = frozenset({"Tensor.requires_grad_", "Tensor.requires_grad.__set__"})
"""What makes a new leaf a parameter. Of a tensor with a grad_fn it makes nothing new."""
_NEW_LEAVES = frozenset({"torch.nn.Parameter", "torch.tensor"})
_DETACHING = frozenset(
    {"Tensor.detach", "Tensor.data.__get__", "Tensor.item", "Tensor.tolist", "Tensor.numpy",
     "Tensor.copy_", "Tensor.data.__set__", "Tensor.detach_", "Tensor.__setitem__", "Tensor.set_",
     "torch.isnan", "torch.isfinite", "Tensor.__float__", "Tensor.__format__"}
)  # fmt: skip
"""What may be done with the result of an update without putting it in the parameter's place."""


@dataclass(frozen=True)
class Rebinding:
    """An update whose result took the parameter's place."""

    event: Event
    parameter: TensorView
    result: TensorView
    name: str


def rebindings(run: FitEvidence) -> Iterator[Rebinding]:
    """The updates whose results the next forward pass used as the parameter, in order."""
    for event in run.lineage.updates():
        made = out_of_place(run, event)
        if made is None or event.after < 1:
            continue
        parameter = run.lineage.parameter_in(event)
        final = last_of_update(run, made)
        if takes_the_place(run, parameter, final):
            yield Rebinding(event, parameter, final, name_of(run, parameter, final))


def result_is_good(run: FitEvidence) -> bool:
    """Whether the run ended with right numbers in leaves that require grad: no parameter was lost."""
    views = run.answer_tensors
    return run.is_right and bool(views) and all(view.leaf and view.requires_grad for view in views)


def graph_grows(run: FitEvidence) -> bool:
    """Whether the graph behind the loss was larger at each of the first recorded steps than before."""
    sizes = [b.graph_size for b in run.passes[:8] if b.graph_size is not None]
    return len(sizes) > 2 and all(a < b for a, b in pairwise(sizes))


def out_of_place(run: FitEvidence, event: Event) -> TensorView | None:
    """The new tensor that an update made, or had just been made of the parameter; None where the update
    changed the parameter that was there."""
    given = {view.id for view in event.inputs}
    memory = {view.storage for view in event.inputs}
    fresh = [view for view in event.outputs if view.id not in given and view.storage not in memory]
    copied = [view for view in event.outputs if _is_copy_of_this_step(run, event, view)]
    return next(iter(fresh or copied), None)


def _is_copy_of_this_step(run: FitEvidence, event: Event, view: TensorView) -> bool:
    birth = run.lineage.birth_of(view.id)
    if birth is None or birth is event or not 0 < birth.after == event.after or view.leaf:
        return False
    return all(given.storage != view.storage for given in birth.inputs)


def last_of_update(run: FitEvidence, made: TensorView) -> TensorView:
    """The end of an update that takes several calls: ``w - lr * g - lr * decay * w``."""
    last, birth = made, run.lineage.birth_of(made.id)
    for event in run.lineage.updates():
        following = out_of_place(run, event)
        same_step = birth is not None and event.after == birth.after
        if following is not None and same_step and any(view.id == last.id for view in event.inputs):
            last = following
    return last


def takes_the_place(run: FitEvidence, parameter: TensorView, made: TensorView) -> bool:
    """Whether a new tensor is used as the parameter from then on: by a forward pass, or, where an
    exception came first, by the name that it was given."""
    birth = run.lineage.birth_of(made.id)
    uses = run.lineage.uses(made, birth.index if birth else -1)
    if any(event.op in _NEW_LEAVES or (event.op in _ADOPTIONS and made.leaf) for event in uses):
        return False
    if any(_is_forward(run, event) for event in uses):
        return made.requires_grad or not _is_still_trained(run, parameter, birth)
    same_name = run.call_it(made, "") == run.call_it(parameter, "?")
    asked = any(event.op in (GRADIENT_READ, GRADIENT_SET) for event in uses)
    return same_name and (asked or run.raised is not None)


def _is_still_trained(run: FitEvidence, parameter: TensorView, birth: Event | None) -> bool:
    """Whether the parameter itself was handed back, or reached by a later backward pass: what was made of it
    was only tried out."""
    if any(view.id == parameter.id for view in run.answer_tensors):
        return True
    since = birth.after if birth else 0
    return any(p.step > since and any(s.tensor == parameter.id for s in p.slots) for p in run.passes)


def name_of(run: FitEvidence, parameter: TensorView, made: TensorView) -> str:
    return run.call_it(parameter, "") or run.call_it(made, "the parameter")


def _is_forward(run: FitEvidence, event: Event) -> bool:
    """Whether a call computes with a tensor, itself or through an element or a reshape of it."""
    if event.op in _DETACHING or event.op in (GRADIENT_READ, GRADIENT_SET) or not event.inputs:
        return False
    if any(view.numel > 1 and view.storage != event.inputs[0].storage for view in event.outputs):
        return True
    if any(view.requires_grad for view in event.outputs):
        return True
    looks = [view for view in event.outputs if view.storage == event.inputs[0].storage]
    later = [use for view in looks for use in run.lineage.uses(view, event.index)]
    return any(_is_forward(run, use) for use in later)
