"""Follows each parameter through a run: its value, its gradient, and what is left over in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from grader.child.views import FEW, Identities, Plain, numbers, wire

Values = list[float] | None

SIGNIFICANT = 1e-3
"""A gradient smaller than this may move a float32 parameter by less than its last digit."""


@dataclass(slots=True)
class Slot:
    """A parameter, whatever leaf stands in its place."""

    tensor: torch.Tensor
    ids: list[int]
    shape: list[int]
    dtype: str
    device: str
    leaf: bool
    replaced: int = 0
    passes: int = 0
    carried_passes: int = 0
    unmoved_passes: int = 0
    value: Values = None
    fresh: Values = None
    grad_after: Values = None
    carried: Values = None


@dataclass(slots=True)
class State:
    """A parameter around one pass."""

    place: int
    tensor: int
    value: Values
    before: Values
    carried: Values
    delta: Values
    fresh: Values = None
    after: Values = None

    def described(self) -> Plain:
        """A ``records.SlotState``."""
        return {
            "slot": self.place,
            "tensor": self.tensor,
            "value": _wired(self.value),
            "grad_before": _wired(self.before),
            "fresh": _wired(self.fresh),
            "grad_after": _wired(self.after),
            "carried": _wired(self.carried),
            "delta": _wired(self.delta),
        }


class Parameters:
    """The parameters that backward passes reached, in the order they were met."""

    def __init__(self, identities: Identities) -> None:
        self._identities = identities
        self.slots: list[Slot] = []

    def known_leaves(self) -> list[torch.Tensor]:
        return [slot.tensor for slot in self.slots]

    def all_got_gradient(self) -> bool:
        """Whether the latest pass brought every parameter a gradient that is not all zeros."""
        return bool(self.slots) and all(_nonzero(slot.fresh) for slot in self.slots)

    def before(self, reached: list[torch.Tensor], leaves: list[torch.Tensor]) -> list[State]:
        """Look at the parameters that a pass is about to reach, of all the leaves of its graph."""
        return [self._look(place) for place in self._places(reached, leaves)]

    def after(self, states: list[State], fresh: list[Values] | None) -> None:
        """Look again when the pass is done. ``fresh`` is what ``autograd.grad`` returned, else None."""
        for index, state in enumerate(states):
            after = _gradient(self.slots[state.place].tensor)
            state.after = after
            state.fresh = _difference(after, state.before) if fresh is None else fresh[index]

    def corrected(self, states: list[State], leaves: list[torch.Tensor]) -> list[State]:
        """The states of a pass that reached other leaves than those that were looked at before it: a leaf
        that is met only now is taken to have had no gradient."""
        known = {state.place: state for state in states}
        places = self._places(leaves, leaves)
        found = [known.get(place) or self._look(place, late=True) for place in places]
        current = [self._identities.of(self.slots[state.place].tensor) for state in found]
        return [
            state if state.tensor == number else self._look(state.place, late=True)
            for state, number in zip(found, current, strict=True)
        ]

    def commit(self, states: list[State]) -> None:
        """Count a pass, and remember it for the next."""
        for state in states:
            slot = self.slots[state.place]
            slot.unmoved_passes += _stood_still(state.delta, slot.fresh)
            slot.passes += 1
            slot.carried_passes += _nonzero(state.carried)
            slot.value, slot.fresh = state.value, state.fresh
            slot.grad_after, slot.carried = state.after, state.carried

    def described(self, names: dict[int, str]) -> list[Plain]:
        """Every ``records.Slot``, as the run ended."""
        return [self._described(place, names) for place in range(len(self.slots))]

    def names(self, names: dict[int, str]) -> set[str]:
        """What the submission called its parameters."""
        return {names[number] for slot in self.slots for number in slot.ids if number in names}

    def clear_stale(self) -> bool:
        """Clear every gradient that is older than its parameter's last move; whether there was any."""
        stale = [slot for place, slot in enumerate(self.slots) if _nonzero(self._look(place).carried)]
        for slot in stale:
            slot.tensor.grad = None
        return bool(stale)

    def fresh(self, states: list[State]) -> dict[int, list[float]]:
        """What a pass computed for each parameter, by the ``id`` of the tensor in its place."""
        return {id(self.slots[s.place].tensor): s.fresh for s in states if s.fresh is not None}

    def move(self, state: State, factor: float) -> None:
        """Move a parameter by ``factor`` times what a pass computed as its gradient."""
        tensor = self.slots[state.place].tensor
        with torch.no_grad():
            tensor.add_(factor * tensor.new_tensor(state.fresh).reshape(tensor.shape))

    def standing_in(self, places: Sequence[int]) -> list[torch.Tensor]:
        """The tensors that stand in these slots now, in the order of ``places``."""
        return [self.slots[place].tensor for place in places if place < len(self.slots)]

    def knows(self, tensors: Sequence[torch.Tensor]) -> bool:
        """Whether each of these stands in a slot already."""
        known = {id(slot.tensor) for slot in self.slots}
        return all(id(tensor) in known for tensor in tensors)

    def _places(self, reached: list[torch.Tensor], leaves: list[torch.Tensor]) -> list[int]:
        """Each reached tensor's slot: its own, else the first one of its shape whose tensor is in the
        graph no more (it was replaced), else a new one."""
        at = {id(slot.tensor): place for place, slot in enumerate(self.slots)}
        known = {at[id(tensor)] for tensor in [*reached, *leaves] if id(tensor) in at}
        free = [place for place in range(len(self.slots)) if place not in known]
        places = []
        for tensor in reached:
            place = at.get(id(tensor))
            if place is None:
                place = at[id(tensor)] = self._settle(tensor, free)
            if place not in places:
                places.append(place)
        return places

    def _settle(self, tensor: torch.Tensor, free: list[int]) -> int:
        for place in free:
            if self.slots[place].shape == list(tensor.shape):
                free.remove(place)
                self._replace(self.slots[place], tensor)
                return place
        dtype = str(tensor.dtype).removeprefix("torch.")
        number = self._identities.of(tensor)
        device = str(tensor.device)
        leaf = tensor.is_leaf
        self.slots.append(Slot(tensor, [number], list(tensor.shape), dtype, device, leaf))
        return len(self.slots) - 1

    def _replace(self, slot: Slot, tensor: torch.Tensor) -> None:
        slot.tensor = tensor
        slot.replaced += 1
        slot.ids = [*slot.ids[:6], self._identities.of(tensor)]
        slot.leaf = slot.leaf and tensor.is_leaf
        slot.grad_after = slot.carried = None

    def seen(self, place: int, value: Values, before: Values) -> State:
        """The state of a parameter of which this was read before a pass."""
        slot = self.slots[place]
        delta = _difference(value, slot.value) if slot.value is not None else None
        carried = _carried(slot, before, delta)
        return State(place, self._identities.of(slot.tensor), value, before, carried, delta)

    def _look(self, place: int, late: bool = False) -> State:
        tensor = self.slots[place].tensor
        gradient = _gradient(tensor)
        state = self.seen(place, numbers(tensor), None if late else gradient)
        if late:
            state.fresh = state.after = gradient
        return state

    def _described(self, place: int, names: dict[int, str]) -> Plain:
        slot = self.slots[place]
        final = numbers(slot.tensor)
        delta = _difference(final, slot.value) if slot.value is not None else None
        known = [names[number] for number in slot.ids if number in names]
        return {
            "slot": place,
            "name": known[0] if known else None,
            "tensors": slot.ids,
            "replaced": slot.replaced,
            "shape": slot.shape,
            "dtype": slot.dtype,
            "device": slot.device,
            "leaf": slot.leaf,
            "final": _wired(final),
            "final_grad": _wired(_gradient(slot.tensor)),
            "passes": slot.passes,
            "carried_passes": slot.carried_passes,
            "unmoved_passes": slot.unmoved_passes + _stood_still(delta, slot.fresh),
        }


def all_fresh(states: Sequence[State]) -> bool:
    """Whether a pass brought each of these a gradient that is not all zeros."""
    return all(_nonzero(state.fresh) for state in states)


def _gradient(tensor: torch.Tensor) -> Values:
    if not tensor.is_leaf:  # reading it would warn the student of something they did not do
        return None
    return numbers(tensor.grad, FEW)


def _carried(slot: Slot, before: Values, delta: Values) -> Values:
    """The part of ``.grad`` that is older than the parameter's last move.

    Only elements that are exactly what the pass before left there count: what the submission edited in
    between (clipped, decayed as momentum) it meant to keep.
    """
    left = slot.grad_after
    if before is None or left is None or len(before) != len(left):
        return None
    untouched = [b if b == a else 0.0 for b, a in zip(before, left, strict=True)]
    if delta is not None and any(delta):
        return untouched
    old = slot.carried
    return None if old is None else [u and o for u, o in zip(untouched, old, strict=True)]


def _stood_still(delta: Values, fresh: Values) -> bool:
    """Whether a parameter did not move at all although its gradient asked for it."""
    if delta is None or fresh is None or any(delta):
        return False
    return any(abs(value) > SIGNIFICANT for value in fresh)


def _difference(after: Values, before: Values) -> Values:
    if after is None:
        return None
    if before is None or len(before) != len(after):
        return after
    return [a - b for a, b in zip(after, before, strict=True)]


def _nonzero(values: Values) -> bool:
    return values is not None and any(values)


def _wired(values: Values) -> list[float | str] | None:
    return None if values is None else wire(values)
