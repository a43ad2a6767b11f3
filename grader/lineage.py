"""Where tensors came from and what became of them, through the recorded calls."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from functools import cached_property

from grader.records import Backward, Event, TensorView

GRADIENT_READ = "Tensor.grad.__get__"
GRADIENT_SET = "Tensor.grad.__set__"
GRADIENT_DELETED = "Tensor.grad.__delete__"
_CLEARING = frozenset({"Tensor.zero_", "Tensor.fill_", "Tensor.mul_", "Tensor.copy_", "Tensor.sub_",
                       "Tensor.detach_", "Tensor.__setitem__", "Tensor.set_"})  # fmt: skip


class Lineage:
    """Answers for one run, from the calls in the order they were made."""

    def __init__(self, events: Sequence[Event], passes: Sequence[Backward]) -> None:
        self._events = events
        self._passes = passes

    @cached_property
    def _births(self) -> dict[int, Event]:
        births: dict[int, Event] = {}
        for event in self._events:
            given = {view.id for view in event.inputs}
            for view in event.outputs:
                if view.id not in given:
                    births.setdefault(view.id, event)
        return births

    @cached_property
    def _storage_births(self) -> dict[int, Event]:
        births: dict[int, Event] = {}
        for event in self._events:
            for view in event.outputs:
                births.setdefault(view.storage, event)
        return births

    @cached_property
    def _uses(self) -> dict[int, list[Event]]:
        uses: dict[int, list[Event]] = defaultdict(list)
        for event in self._events:
            for number in {view.id for view in event.inputs}:
                uses[number].append(event)
        return uses

    def birth(self, view: TensorView) -> Event | None:
        """The call that made a tensor. One that torch made unseen (``nn.Parameter``) is taken back to the
        call that made its memory."""
        return self._births.get(view.id) or self._storage_births.get(view.storage)

    def birth_of(self, number: int) -> Event | None:
        """The call that made the tensor with this id."""
        return self._births.get(number)

    def uses(self, view: TensorView, after: int = -1) -> list[Event]:
        """The calls that took a tensor, from the one after the event ``after`` on."""
        return [event for event in self._uses.get(view.id, ()) if event.index > after]

    def ancestors(self, view: TensorView) -> tuple[Event, ...]:
        """The calls that a tensor was computed by, nearest first."""
        if view.id not in self._ways:
            self._ways[view.id] = self._way_to(view.id)
        return self._ways[view.id]

    @cached_property
    def _ways(self) -> dict[int, tuple[Event, ...]]:
        """To the tensors that were asked about: many pitfalls ask about the losses."""
        return {}

    def _way_to(self, number: int) -> tuple[Event, ...]:
        seen: dict[int, Event] = {}
        pending = deque([number])
        while pending:
            event = self._births.get(pending.popleft())
            if event is not None and event.index not in seen:
                seen[event.index] = event
                pending += [given.id for given in event.inputs]
        return tuple(seen.values())

    def descendants(self, event: Event) -> set[int]:
        """The ids of the tensors that were computed from what a call made."""
        made = {view.id for view in event.outputs}
        for later in self._events:
            if later.index > event.index and any(view.id in made for view in later.inputs):
                made |= {view.id for view in later.outputs}
        return made

    @cached_property
    def _roles(self) -> _Roles:
        return _Roles(self._events, self._passes)

    def is_gradient(self, view: TensorView) -> bool:
        """Whether a tensor is a gradient, or was computed from one and not from a parameter."""
        return view.id in self._roles.gradients

    def is_parameter(self, view: TensorView) -> bool:
        """Whether a tensor was asked for its gradient, got one, looks at such a tensor's memory, or is
        what an update made of one."""
        return self._roles.is_parameter(view)

    def updates(self) -> tuple[Event, ...]:
        """The calls in which a parameter meets a gradient: ``w -= lr * w.grad`` in any spelling."""
        return tuple(self._roles.updates)

    def parameter_in(self, update: Event) -> TensorView:
        """The parameter that an update is about."""
        given = update.inputs
        return next(v for v in given if self.is_parameter(v) and not self.is_gradient(v))

    def gradients_in(self, update: Event) -> tuple[TensorView, ...]:
        """The gradients, or what was made of them, that an update consumes."""
        return tuple(view for view in update.inputs if self.is_gradient(view))

    def clearings(self, view: TensorView | int) -> Iterator[Event]:
        """The calls that cleared a parameter's gradient: by None, by zeros, by deleting it."""
        number = view if isinstance(view, int) else view.id
        memory = {
            given.storage
            for event in self._uses.get(number, ())
            if event.op == GRADIENT_READ
            for given in event.outputs
        }
        for event in self._events:
            if not event.inputs:
                continue
            target = event.inputs[0]
            if event.op in (GRADIENT_SET, GRADIENT_DELETED):
                if target.id == number and _cleared(event):
                    yield event
            elif event.op in _CLEARING and target.storage in memory and _all_zero(event.outputs):
                yield event

    def idle_clearings(self) -> Iterator[Event]:
        """The calls that cleared something made from a gradient, or the gradient of something that is no
        parameter: meant as zeroing, and none."""
        for event in self._events:
            target = event.inputs[0] if event.inputs else None
            if target is None or event.stage != "call":
                continue
            single = target.numel == 1 and not self.is_parameter(target)
            if event.op == GRADIENT_SET and single and _cleared(event):
                yield event
            if event.op in _CLEARING and self.is_gradient(target) and _all_zero(event.outputs):
                yield event


class _Roles:
    """Which tensors are parameters and which are gradients, read off the calls in their order."""

    def __init__(self, events: Sequence[Event], passes: Sequence[Backward]) -> None:
        self.gradients = {number for backward in passes for number in backward.gradients}
        self.parameters = {state.tensor for backward in passes for state in backward.slots}
        self.parameters |= {e.inputs[0].id for e in events if e.op == GRADIENT_READ and e.inputs}
        self.updates: list[Event] = []
        self._memory: set[int] = set()
        for event in events:
            self._learn(event)

    def is_parameter(self, view: TensorView) -> bool:
        return view.id in self.parameters or view.storage in self._memory

    def _learn(self, event: Event) -> None:
        takes_gradient = False
        for view in event.inputs:
            if view.id in self.parameters:
                self._memory.add(view.storage)
            takes_gradient = takes_gradient or view.id in self.gradients
        if event.op == GRADIENT_READ:
            self.gradients.update(view.id for view in event.outputs)
        elif takes_gradient and not event.raised and event.op != GRADIENT_SET:
            self._learn_arithmetic(event)

    def _learn_arithmetic(self, event: Event) -> None:
        others = [view for view in event.inputs if view.id not in self.gradients]
        made = {view.id for view in event.outputs}
        if not any(self.is_parameter(view) for view in others):
            self.gradients |= made
            return
        self.parameters |= made
        self._memory.update(view.storage for view in event.outputs)
        if event.stage == "call":
            self.updates.append(event)


def _cleared(event: Event) -> bool:
    if event.op == GRADIENT_DELETED or len(event.inputs) < 2:
        return True
    return _all_zero(event.inputs[1:2])


def _all_zero(views: Sequence[TensorView]) -> bool:
    return bool(views) and all(view.values is not None and not any(view.values) for view in views)


def source_of_dtype(lineage: Lineage, view: TensorView, dtype: str) -> Event | None:
    """The call where a dtype came in on the way to a tensor: it made it of something that was not."""
    candidates = [event for event in lineage.ancestors(view) if _brings(event, dtype)]
    return candidates[-1] if candidates else lineage.birth(view)


def _brings(event: Event, dtype: str) -> bool:
    made = any(view.dtype == dtype for view in event.outputs)
    return made and not any(view.dtype == dtype for view in event.inputs)


def dtype_that_clashed(event: Event | None, dtypes: tuple[str, ...]) -> TensorView | None:
    """Of two dtypes that a call refused to mix, the tensor with one of ``dtypes``."""
    if event is None or not event.raised or len({view.dtype for view in event.inputs}) < 2:
        return None
    if "dtype" not in event.raised and "scalar type" not in event.raised:
        return None
    return next((view for view in event.inputs if view.dtype.startswith(dtypes)), None)
