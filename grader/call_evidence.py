"""Read-only questions on a run whose functions were called and must answer rightly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from grader.calls import CallCase, call_in_words
from grader.evidence import Evidence
from grader.exercise import EntryPoint
from grader.expected import AList, Difference, Expected, differences
from grader.lineage import GRADIENT_READ
from grader.records import Backward, Call, Event, ReturnedValue, TensorView

_NOT_WRITING = ("Tensor.requires_grad_", "Tensor.detach_")
"""They end in an underscore as what writes in place does, and leave the values alone."""


@dataclass(frozen=True)
class Off:
    """One respect in which a call did not do what it should."""

    call: int
    """Which call, from 0."""
    difference: Difference
    argument: bool = False
    """Whether it is about an argument as it was left, not about what came back."""


@dataclass(frozen=True, kw_only=True)
class CallEvidence(Evidence):
    """A run of one function, called once or more."""

    case: CallCase
    entry: EntryPoint

    # --- what the exercise asked for ---------------------------------------------------------

    @cached_property
    def is_right(self) -> bool:
        return self.is_answered and not self.off and not self.broken_pairs

    @property
    def is_answered(self) -> bool:
        return self.returned_normally and len(self.calls) == len(self.case.calls)

    def came_out_as(self, other: Evidence) -> bool:
        return self.is_answered and isinstance(other, CallEvidence) and self._summary == other._summary

    @property
    def _summary(self) -> object:
        """In which respects which calls were off, whatever the device."""
        return [(off.call, off.argument, off.difference.what, off.difference.name) for off in self.off]

    @property
    def parameter_names(self) -> tuple[str, ...]:
        return self.entry.parameters

    @property
    def answer_names(self) -> tuple[str, ...]:
        return self.entry.returns

    @property
    def answer_tensors(self) -> tuple[TensorView, ...]:
        return tuple(view for value in self.returned for view in _tensors(value))

    def item_costed_by(self, item: str) -> str:
        return self.case.item

    # --- the calls -----------------------------------------------------------------------------

    @property
    def calls(self) -> tuple[Call, ...]:
        return self.trace.calls if self.trace else ()

    @property
    def returned(self) -> tuple[ReturnedValue, ...]:
        """What came back, call by call, of those that returned."""
        return tuple(call.returned for call in self.calls if call.returned is not None)

    def asked(self, call: int = 0) -> str:
        """A call in words."""
        return call_in_words(self.entry, self.case.calls[call].arguments)

    def which(self, call: int) -> str:
        """``predict``, and where there are several calls, which of them."""
        if len(self.case.calls) == 1:
            return f"`{self.entry.name}`"
        return f"call {call + 1} of `{self.entry.name}`"

    def at_step(self, step: int) -> str:
        """A function has no steps: which call made a backward pass, or was to make it."""
        begun = [number for number, call in enumerate(self.calls) if call.first_pass < max(1, step)]
        return f"In {self.which(begun[-1] if begun else 0)},"

    def events_of(self, call: int) -> Iterator[Event]:
        """The torch calls that one call made."""
        first = self.calls[call].first_event
        after = self.calls[call + 1].first_event if call + 1 < len(self.calls) else None
        for event in self.events:
            if event.index >= first and (after is None or event.index < after):
                yield event

    def call_of(self, event: Event) -> int:
        """The number of the call that made an event."""
        begun = [number for number, call in enumerate(self.calls) if call.first_event <= event.index]
        return begun[-1] if begun else 0

    def passes_of(self, call: int) -> Iterator[Backward]:
        """The backward passes that one call made."""
        first = self.calls[call].first_pass
        after = self.calls[call + 1].first_pass if call + 1 < len(self.calls) else None
        for backward in self.passes:
            if backward.step > first and (after is None or backward.step <= after):
                yield backward

    # --- what is off ---------------------------------------------------------------------------

    @cached_property
    def off(self) -> tuple[Off, ...]:
        """Every respect in which what came back, or an argument as it was left, is not what it should be."""
        return tuple(self._off())

    def _off(self) -> Iterator[Off]:
        home = self.request.device
        for number, (made, wanted) in enumerate(zip(self.calls, self.case.calls, strict=False)):
            if made.returned is None:
                continue
            name = self.entry.returns[0] if len(self.entry.returns) == 1 else "the result"
            for difference in differences(wanted.returned, made.returned, name, home, self.entry.returns):
                yield Off(number, difference)
            yield from self._left(number, made, wanted.left)

    def _left(self, number: int, made: Call, wanted: tuple[Expected | None, ...]) -> Iterator[Off]:
        for index, expected in enumerate(wanted):
            if expected is None or index >= len(made.left):
                continue
            name = self.entry.parameters[index]
            left, given = made.left[index], made.given[index]
            for difference in (
                *_replaced(expected, left, given, name),
                *differences(expected, left, name, self.request.device),
            ):
                view = difference.value.tensor
                own = self.call_it(view, difference.name) if view is not None else difference.name
                yield Off(number, replace(difference, name=own), argument=True)

    def about(self, *whats: str) -> Iterator[Off]:
        """What is off in these respects, in what came back."""
        return (off for off in self.off if off.difference.what in whats and not off.argument)

    def left_off(self, *whats: str) -> Iterator[Off]:
        """What is off in these respects, in the arguments as they were left."""
        return (off for off in self.off if off.difference.what in whats and off.argument)

    @cached_property
    def broken_pairs(self) -> tuple[tuple[int, int, bool], ...]:
        """Two calls that were to bring the same and did not, or the other way round: and whether the same."""
        pairs = [(one, other, True) for one, other in self.case.same]
        pairs += [(one, other, False) for one, other in self.case.different]
        return tuple(pair for pair in pairs if self._is_broken(*pair))

    def _is_broken(self, one: int, other: int, same: bool) -> bool:
        if max(one, other) >= len(self.returned):
            return False
        before, after = _values(self.returned[one]), _values(self.returned[other])
        return before is not None and after is not None and (before == after) != same

    @property
    def gradient_was_none(self) -> bool:
        """Whether a ``.grad`` was read that nothing had filled."""
        return any(event.op == GRADIENT_READ and event.result == "None" for event in self.events)

    # --- places --------------------------------------------------------------------------------

    def return_line(self, call: int = 0) -> int | None:
        """The line of the ``return`` that ended a call, else of the function's last one."""
        made = self.calls[call].returned_at if call < len(self.calls) else None
        return self.source.return_around(made) or self.source.last_return(self.entry.name)

    def maker(self, value: ReturnedValue | None) -> Event | None:
        """The call that made a tensor."""
        view = value.tensor if value is not None else None
        return self.lineage.birth(view) if view is not None else None

    def line_of(self, off: Off) -> int | None:
        """The line that made a tensor that is off, else that of the ``return``."""
        return self.line(self.maker(off.difference.value)) or self.return_line(off.call)

    def changes(self, view: TensorView | None, call: int) -> Iterator[Event]:
        """What changed a tensor in a call: in place, through its memory, or by giving it other memory."""
        for event in self.events_of(call):
            target = event.inputs[0] if event.inputs and not event.raised else None
            if view is None or target is None:
                continue
            if (event.op == "Tensor.data.__set__" and target.id == view.id) or (
                target.storage == view.storage and _writes(event)
            ):
                yield event

    def change_line(self, off: Off) -> int | None:
        """The line that changed an argument, else one that changed another of the arguments, else the
        function's own."""
        own = next(self.changes(off.difference.value.tensor, off.call), None)
        others = (view for value in self.calls[off.call].left for view in _tensors(value))
        event = own or next((e for view in others for e in self.changes(view, off.call)), None)
        return self.line(event) or self.source.definition(self.entry.name)


def _writes(event: Event) -> bool:
    """Whether a call wrote into the memory of its first input."""
    in_place = event.op.endswith("_") and not event.op.endswith("__") and event.op not in _NOT_WRITING
    return in_place or event.op == "Tensor.__setitem__"


def _replaced(
    expected: Expected, left: ReturnedValue, given: ReturnedValue, name: str
) -> Iterator[Difference]:
    """Tensors that stand in the place of those that were given, in a list."""
    if isinstance(expected, AList):
        triples = zip(expected.items, left.items, given.items, strict=False)
        for index, (wanted, now, before) in enumerate(triples):
            yield from _replaced(wanted, now, before, f"{name}[{index}]")
    elif is_another(left, given):
        yield Difference("identity", name, "another tensor", "the tensor that was given", left, expected)


def is_another(left: ReturnedValue, given: ReturnedValue) -> bool:
    """Whether another tensor stands where one was given."""
    return left.tensor is None or given.tensor is None or left.tensor.id != given.tensor.id


def _tensors(value: ReturnedValue) -> Iterator[TensorView]:
    if value.tensor is not None:
        yield value.tensor
    for item in value.items:
        yield from _tensors(item)


def _values(value: ReturnedValue) -> object:
    if value.kind == "sequence":
        return tuple(_values(item) for item in value.items)
    if value.values is not None:
        return value.values
    return value.tensor.values if value.tensor is not None else value.number
