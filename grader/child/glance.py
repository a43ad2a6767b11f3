"""A loop that goes on as it did, followed pass by pass for less than a microsecond a parameter.

That is a loop in which every pass begins with clear gradients and brings each parameter, which is one number,
a gradient. What is counted and remembered is what ``Parameters`` counts and remembers, so that a closer look
can follow a glance, and the other way round. A pass that was not like the one before it is not counted: it is
to be looked at closely, with what was read before it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch

from grader.child.parameters import SIGNIFICANT, Slot, State
from grader.child.views import Identities

# Taken here, before any submission can put something else in their place.
_gradient_of: Any = vars(torch._C.TensorBase)["grad"].__get__
_number_of: Any = torch._C.TensorBase.item
_modes = torch._C._len_torch_function_stack
_PLAIN = (torch.Tensor, torch.nn.Parameter)


class _Track:
    """One parameter: at the latest pass that was counted, and around the one that is being made."""

    __slots__ = ("after", "clear", "fresh", "gradient", "slot", "tensor", "unmoved", "value", "was")

    def __init__(self, slot: Slot, clear: float | None, was: float, fresh: float) -> None:
        self.slot = slot
        self.tensor = slot.tensor
        self.clear = clear
        """What its gradient is when a pass begins: None or zero."""
        self.was = was
        self.fresh = fresh
        self.value: float = was
        self.gradient: float | None = clear
        self.after: float = fresh
        self.unmoved = 0

    @property
    def carried(self) -> list[float] | None:
        """What a clear gradient carries: nothing, in as many words."""
        return None if self.clear is None else [self.clear]


class Glance:
    """The parameters of a loop, as its latest pass left them."""

    def __init__(self, tracks: Sequence[_Track]) -> None:
        self._tracks = tracks
        self._passes = 0

    def before(self) -> bool:
        """Read what a pass begins with; False where that cannot be done at a glance."""
        if _modes():
            return False
        try:
            for track in self._tracks:
                tensor = track.tensor
                track.value = _number_of(tensor)
                gradient = _gradient_of(tensor)
                track.gradient = None if gradient is None else _number_of(gradient)
        except Exception:  # noqa: BLE001 - of another kind now: it is to be looked at closely
            return False
        return True

    def after(self) -> bool:
        """Count the pass that was made, if it was like the one before it."""
        try:
            for track in self._tracks:
                after = track.after = _number_of(_gradient_of(track.tensor))
                if track.gradient != track.clear or not after or not track.value:
                    return False
                if not math.isfinite(after + track.value):
                    return False
        except Exception:  # noqa: BLE001 - as above
            return False
        for track in self._tracks:
            if track.value == track.was and abs(track.fresh) > SIGNIFICANT:
                track.unmoved += 1
            track.was, track.fresh = track.value, track.after
        self._passes += 1
        return True

    def settle(self) -> None:
        """Tell the slots what was counted."""
        for track in self._tracks:
            slot = track.slot
            slot.passes += self._passes
            slot.unmoved_passes += track.unmoved
            slot.value, slot.fresh, slot.grad_after = [track.was], [track.fresh], [track.fresh]
            slot.carried = track.carried
            track.unmoved = 0
        self._passes = 0

    def seen(self) -> list[tuple[list[float], list[float] | None]]:
        """What was read before the pass that is being made: each value, and each gradient."""
        return [
            ([track.value], None if track.gradient is None else [track.gradient]) for track in self._tracks
        ]

    def latest(self, identities: Identities) -> list[State]:
        """The states of the latest pass that was counted."""
        return [
            State(
                place=place,
                tensor=identities.of(track.tensor),
                value=[track.was],
                before=track.carried,
                carried=track.carried,
                delta=None,
                fresh=[track.fresh],
                after=[track.fresh],
            )
            for place, track in enumerate(self._tracks)
        ]


def glance_at(slots: Sequence[Slot], states: Sequence[State]) -> Glance | None:
    """For a loop whose latest pass was such a one as can be followed, and reached all the parameters that
    there are; None for any other."""
    if [state.place for state in states] != list(range(len(slots))):
        return None
    tracks = [_track(slot, state) for slot, state in zip(slots, states, strict=True)]
    followed = [track for track in tracks if track is not None]
    return Glance(followed) if len(followed) == len(tracks) else None


def _track(slot: Slot, state: State) -> _Track | None:
    """None for a parameter that is not one number, or whose pass was another than those that are followed."""
    if not _is_one_number(slot.tensor) or not state.value or not state.fresh or any(state.before or ()):
        return None
    value, fresh = state.value[0], state.fresh[0]
    if not value or not fresh or not math.isfinite(value + fresh):
        return None
    return _Track(slot, None if state.before is None else 0.0, value, fresh)


def _is_one_number(tensor: torch.Tensor) -> bool:
    strided = tensor.layout is torch.strided and tensor.is_floating_point()
    return type(tensor) in _PLAIN and tensor.is_leaf and tensor.numel() == 1 and strided
