"""A loop that goes on as it did, followed pass by pass for less than a microsecond a parameter.

That is a loop in which every pass begins with clear gradients and brings each parameter, which is one number,
a gradient. What is counted and remembered is what ``Parameters`` counts and remembers, so that a closer look
can follow a glance, and the other way round. A pass that was not like the one before it is not counted: it is
to be looked at closely, with what was read before it.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

import torch

from grader.child.parameters import SIGNIFICANT, Slot, State
from grader.child.simulated.crossing import NAME, at_host
from grader.child.views import Identities, Plain

# Taken here, before any submission can put something else in their place.
_gradient_of: Any = vars(torch._C.TensorBase)["grad"].__get__
_item: Any = torch._C.TensorBase.item
_modes = torch._C._len_torch_function_stack
_all, _map, _sum, _equal, _isfinite = all, map, sum, operator.eq, math.isfinite
_PLAIN = (torch.Tensor, torch.nn.Parameter)

Clear = float | None
"""What the gradient is when a pass begins: None or zero."""


def _simulated_item(tensor: torch.Tensor) -> Any:
    """The number of a simulated tensor, read where it lies: the device itself would copy it first."""
    return _item(at_host(tensor))


class Glance:
    """The parameters of a loop, as its latest pass left them."""

    def __init__(self, slots: Sequence[Slot], latest: Sequence[tuple[Clear, float, float]]) -> None:
        self._slots = slots
        self._tensors = tuple(slot.tensor for slot in slots)
        self._number_of = _reader(self._tensors)
        self._clear: list[Clear] = [clear for clear, _, _ in latest]
        self._was = [value for _, value, _ in latest]
        self._fresh = [fresh for _, _, fresh in latest]
        self._unmoved = [0 for _ in latest]
        self._passes = 0
        # What is read around a pass. When it has been counted, its values are ``_was``, and those of the pass
        # before it stay here for as long as no other begins.
        self._values = self._was
        self._gradients = self._clear

    def before(self) -> bool:
        """Read what a pass begins with; False where that cannot be done at a glance."""
        if _modes():
            return False
        number_of = self._number_of
        try:
            self._values = [*_map(number_of, self._tensors)]
            gradients = _map(_gradient_of, self._tensors)
            self._gradients = [None if gradient is None else number_of(gradient) for gradient in gradients]
        except Exception:  # noqa: BLE001 - of another kind now: it is to be looked at closely
            return False
        return True

    def after(self) -> bool:
        """Count the pass that was made, if it was like the one before it."""
        values = self._values
        try:
            after = [*_map(self._number_of, _map(_gradient_of, self._tensors))]
            if self._gradients != self._clear or not (_all(values) and _all(after)):
                return False
            if not _isfinite(_sum(values) + _sum(after)):
                return False
        except Exception:  # noqa: BLE001 - as above
            return False
        if True in _map(_equal, values, self._was):
            self._count_unmoved()
        self._was, self._values = values, self._was
        self._fresh = after
        self._passes += 1
        return True

    def _count_unmoved(self) -> None:
        for place, fresh in enumerate(self._fresh):
            if self._values[place] == self._was[place] and abs(fresh) > SIGNIFICANT:
                self._unmoved[place] += 1

    def settle(self) -> None:
        """Tell the slots what was counted."""
        for place, slot in enumerate(self._slots):
            slot.passes += self._passes
            slot.unmoved_passes += self._unmoved[place]
            slot.value, slot.fresh = [self._was[place]], [self._fresh[place]]
            slot.grad_after, slot.carried = slot.fresh, _list(self._clear[place])
            self._unmoved[place] = 0
        self._passes = 0

    def seen(self) -> list[tuple[list[float], list[float] | None]]:
        """What was read before the pass that is being made: each value, and each gradient."""
        return [([v], _list(g)) for v, g in zip(self._values, self._gradients, strict=True)]

    def described(self, identities: Identities, moved: bool) -> list[Plain]:
        """The ``records.SlotState`` of each parameter at the latest pass that was counted. How far it had
        moved can be told for as long as no other pass has begun."""
        return [
            {
                "slot": place,
                "tensor": identities.of(tensor),
                "value": [value],
                "grad_before": _list(clear),
                "fresh": [fresh],
                "grad_after": [fresh],
                "carried": _list(clear),
                "delta": [value - before] if moved else None,
            }
            for place, (tensor, value, before, clear, fresh) in enumerate(
                zip(self._tensors, self._was, self._values, self._clear, self._fresh, strict=True)
            )
        ]


def _list(number: float | None) -> list[float] | None:
    return None if number is None else [number]


def _reader(tensors: Sequence[torch.Tensor]) -> Callable[[torch.Tensor], Any]:
    return _simulated_item if all(tensor.device.type == NAME for tensor in tensors) else _item


def glance_at(slots: Sequence[Slot], states: Sequence[State]) -> Glance | None:
    """For a loop whose latest pass was such a one as can be followed, and reached all the parameters that
    there are; None for any other."""
    if [state.place for state in states] != list(range(len(slots))):
        return None
    found = [_latest(slot, state) for slot, state in zip(slots, states, strict=True)]
    followed = [latest for latest in found if latest is not None]
    return Glance(list(slots), followed) if len(followed) == len(found) else None


def _latest(slot: Slot, state: State) -> tuple[Clear, float, float] | None:
    """None for a parameter that is not one number, or whose pass was another than those that are followed."""
    if not _is_one_number(slot.tensor) or not state.value or not state.fresh or any(state.before or ()):
        return None
    value, fresh = state.value[0], state.fresh[0]
    if not value or not fresh or not math.isfinite(value + fresh):
        return None
    return None if state.before is None else 0.0, value, fresh


def _is_one_number(tensor: torch.Tensor) -> bool:
    strided = tensor.layout is torch.strided and tensor.is_floating_point()
    return type(tensor) in _PLAIN and tensor.is_leaf and tensor.numel() == 1 and strided
