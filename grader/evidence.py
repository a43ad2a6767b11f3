"""Read-only questions on one recorded run.

Nothing here has an opinion: "which calls cleared a gradient between this pass and the next?" is a
question, "that was too early" is a pitfall's.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from grader.fit import Fit
from grader.lineage import Lineage
from grader.records import (
    Backward,
    ChildReport,
    Event,
    Raised,
    ReturnedValue,
    RunRequest,
    Site,
    Slot,
    SlotState,
    TensorView,
    Trace,
)
from grader.source import Source

SMALL = 32
"""A tensor of at most this many elements may be a parameter."""
READS = frozenset(
    {"Tensor.item", "Tensor.tolist", "Tensor.numpy", "Tensor.__float__", "Tensor.__int__",
     "Tensor.__bool__", "Tensor.__array__", "Tensor.__index__", "Tensor.__complex__"}
)  # fmt: skip
"""Calls that leave torch: what they return, autograd cannot follow."""
FORWARD_MODE = ("python.torch.func.", "python.torch.autograd.forward_ad.")


@dataclass(frozen=True)
class Step:
    """One parameter at one backward pass, and what became of it until the next."""

    number: int
    name: str
    slot: int
    state: SlotState
    moved: tuple[float, ...] | None
    """How far the parameter moved after this pass; None where the next one was not recorded."""

    @property
    def stood_still(self) -> bool:
        return self.moved is not None and not any(self.moved)


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One run: what was asked, what came back, and questions on it."""

    request: RunRequest
    report: ChildReport
    source: Source
    repeat: bool = False
    elsewhere: tuple[Evidence, ...] = ()
    """The same call with the simulated accelerator in the place of one that was named and is not there."""

    # --- what the exercise asked for ---------------------------------------------------------

    @property
    def is_right(self) -> bool:
        """Whether the answer is the one that the exercise asks for."""
        raise NotImplementedError

    @property
    def is_answered(self) -> bool:
        """Whether an answer came back that can be looked at, right or wrong."""
        raise NotImplementedError

    def came_out_as(self, other: Evidence) -> bool:
        """Whether the answer, right or wrong, is that of another run of the same call."""
        raise NotImplementedError

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """What the exercise calls the parameters, in order."""
        raise NotImplementedError

    @property
    def answer_names(self) -> tuple[str, ...]:
        """What the exercise calls the things that come back, in order."""
        raise NotImplementedError

    @property
    def answer_tensors(self) -> tuple[TensorView, ...]:
        """The tensors that came back."""
        raise NotImplementedError

    def item_costed_by(self, item: str) -> str:
        """The rubric item that a pitfall costs here: ``item`` is the one of a fit."""
        return item

    # --- the whole run ---------------------------------------------------------------------

    @property
    def trace(self) -> Trace | None:
        return self.report.trace

    @property
    def raised(self) -> Raised | None:
        return self.trace.raised if self.trace else None

    @property
    def returned_normally(self) -> bool:
        return self.trace is not None and self.trace.outcome == "returned"

    @property
    def never_began(self) -> bool:
        """Whether no entry function was reached: none of them will be."""
        if self.trace is None:
            return not self._was_stopped_in_a_function
        return self.trace.stage == "import" or self.is_script

    @property
    def _was_stopped_in_a_function(self) -> bool:
        """Whether the outermost line of a run that was stopped is a function's, and not the module's own."""
        stack = self.report.stack
        return bool(stack) and self.source.function_at(stack[-1]) is not None

    @property
    def is_script(self) -> bool:
        return self.request.form == "script"

    # --- places ----------------------------------------------------------------------------

    @property
    def error_line(self) -> int | None:
        """The innermost line of the submission that an exception went through."""
        return self.raised.line if self.raised else None

    def site(self, number: int | None) -> Site | None:
        if self.trace is None or number is None or not 0 <= number < len(self.trace.sites):
            return None
        return self.trace.sites[number]

    def line(self, event: Event | Backward | None) -> int | None:
        site = self.site(event.site) if event is not None else None
        return site.line if site else None

    def expression(self, event: Event | Backward | None) -> str | None:
        """The source of the very expression that made a call, where it is short."""
        return self.source.expression(self.site(event.site)) if event is not None else None

    def statement(self, event: Event | Backward | None) -> str:
        """The line that made a call, without its indentation and its comment; cut where it is long."""
        text = (self.source.line(self.line(event)) or "this line").partition("  #")[0].strip()
        return text if len(text) <= 70 else text[:69] + "…"

    def loop_line(self) -> int | None:
        """The line of the loop that the backward passes are in; of the function where there is none."""
        for backward in self.passes[:1]:
            found = self.source.loop_around(backward.stack)
            if found is not None:
                return found
            return self.line(backward)
        return None

    def call_it(self, view: TensorView | int, otherwise: str = "this tensor") -> str:
        """What the submission calls a tensor."""
        number = view if isinstance(view, int) else view.id
        name = self.trace.names.get(number) if self.trace else None
        return name or otherwise

    def at_step(self, step: int) -> str:
        """Where in a run, at the beginning of a sentence: ``At step 3``."""
        return f"At step {step}"

    # --- events ----------------------------------------------------------------------------

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """The torch calls of the stage that is judged: the call, or a script's top level."""
        return tuple(e for e in self.all_events if e.stage == "call")

    @property
    def all_events(self) -> tuple[Event, ...]:
        return self.trace.events if self.trace else ()

    @cached_property
    def lineage(self) -> Lineage:
        return Lineage(self.all_events, self.passes)

    def event(self, index: int | None) -> Event | None:
        if index is None or not 0 <= index < len(self.all_events):
            return None
        return self.all_events[index]

    @property
    def raising_event(self) -> Event | None:
        """The torch call that raised the exception that ended the run."""
        event = self.event(self.raised.event) if self.raised else None
        return event if event is not None and event.raised else None

    @property
    def raising_pass(self) -> Backward | None:
        """The backward pass that raised the exception that ended the run."""
        if self.raised is None or self.raised.event is None or not self.passes:
            return None
        return self.passes[-1] if self.passes[-1].raised else None

    def between(self, first: Backward, then: Backward | None) -> Iterator[Event]:
        """The calls after one backward pass and before another (or the end of the run)."""
        for event in self.events:
            if event.index >= first.event and (then is None or event.index < then.event):
                yield event

    def forward_of(self, backward: Backward) -> tuple[Event, ...]:
        """The recorded calls since the pass before (in a first pass: since the start)."""
        return tuple(e for e in self.events if e.after == backward.step - 1 and e.index < backward.event)

    # --- backward passes ---------------------------------------------------------------------

    @cached_property
    def passes(self) -> tuple[Backward, ...]:
        return self.trace.backwards if self.trace and self.trace.stage == "call" else ()

    @cached_property
    def uses_forward_mode(self) -> bool:
        """Whether autograd computed derivatives without a backward pass (``torch.func.jacfwd``, ``jvp``)."""
        return any(event.op.startswith(FORWARD_MODE) for event in self.events)

    @property
    def pass_count(self) -> int:
        return self.trace.backward_count if self.trace else 0

    # --- parameters --------------------------------------------------------------------------

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        """The parameters that backward passes reached. The loss itself, made a leaf, is none."""
        if self.trace is None or self.trace.stage != "call":
            return ()
        losses = {backward.loss.id for backward in self.passes if backward.loss}
        return tuple(
            slot
            for slot in self.trace.slots
            if math.prod(slot.shape) <= SMALL and not losses.intersection(slot.tensors)
        )

    def name_of(self, slot: Slot) -> str:
        """The parameter's name in the source, else in the exercise, else its place."""
        if slot.name:
            return slot.name
        names = self.parameter_names
        return names[slot.slot] if len(self.slots) == len(names) else f"parameter {slot.slot + 1}"

    def steps_of(self, slot: Slot) -> tuple[Step, ...]:
        """The recorded passes of one parameter, each with the move that followed it."""
        if slot not in self._steps:
            self._steps[slot] = tuple(self._look_at_steps(slot))
        return self._steps[slot]

    @cached_property
    def _steps(self) -> dict[Slot, tuple[Step, ...]]:
        """Of the parameters that were asked about: many pitfalls ask about the same."""
        return {}

    def _look_at_steps(self, slot: Slot) -> Iterator[Step]:
        name = self.name_of(slot)
        for index, here in enumerate(self.passes):
            state = _state(here, slot.slot)
            if state is not None:
                yield Step(here.step, name, slot.slot, state, self._moved(slot, state, index))

    def _moved(self, slot: Slot, state: SlotState, index: int) -> tuple[float, ...] | None:
        """How far a parameter moved between a pass and the next one that reached it."""
        step = self.passes[index].step
        for following in self.passes[index + 1 :]:
            if following.step != step + 1:
                return None
            step = following.step
            then = _state(following, slot.slot)
            if then is not None:
                return then.delta
        last = self.trace is not None and step == self.pass_count
        return _minus(slot.final, state.value) if last else None

    @cached_property
    def parameter_leaves(self) -> tuple[TensorView, ...]:
        """The small float leaves that the submission told to require grad, in order."""
        seen: dict[int, TensorView] = {}
        for event in self.all_events:
            for view in (*event.inputs, *event.outputs):
                if view.leaf and view.requires_grad and view.numel <= SMALL:
                    seen.setdefault(view.id, view)
        losses = {backward.loss.id for backward in self.passes if backward.loss}
        return tuple(view for number, view in seen.items() if number not in losses)

    @cached_property
    def plain_parameters(self) -> tuple[TensorView, ...]:
        """Small tensors that do not require grad, combined with the data or with parameters, and made by
        the submission from nothing: parameters that lack ``requires_grad``, if they are any."""
        found: dict[int, TensorView] = {}
        for event in self.events:
            if any(view.numel > SMALL for view in (*event.inputs, *event.outputs)):
                for view in map(self._root, event.inputs):
                    if self._is_plain_parameter(view):
                        found.setdefault(view.id, view)
        return tuple(found.values())

    def _root(self, view: TensorView) -> TensorView:
        """What a view is an element or a reshape of, as far back as its memory goes."""
        birth = self.lineage.birth_of(view.id)
        given = birth.inputs[0] if birth and birth.inputs else None
        if given is None or given.storage != view.storage or given.id == view.id:
            return view
        return self._root(given)

    def _is_plain_parameter(self, view: TensorView) -> bool:
        birth = self.lineage.birth(view)
        return (
            view.numel <= SMALL
            and not view.requires_grad
            and view.leaf
            and birth is not None
            and not birth.inputs
        )


@dataclass(frozen=True, kw_only=True)
class FitEvidence(Evidence):
    """A run that fits a curve."""

    fit: Fit

    @cached_property
    def recovered(self) -> tuple[float, ...] | None:
        """The fitted parameters, in order; None where they cannot be read as so many numbers."""
        values = [value for item in self.answers for value in _numbers(item)]
        return tuple(values) if len(values) == self.fit.size else None

    @cached_property
    def answers(self) -> tuple[ReturnedValue, ...]:
        """What was handed back, item by item: the returned tuple's, or a script's names."""
        if self.trace is None:
            return ()
        if self.is_script:
            found = [self.trace.globals.get(name) for name in self.fit.names]
            return tuple(value for value in found if value and value.kind != "missing")
        value = self.trace.returned
        if value is None or not self.returned_normally:
            return ()
        return value.items if value.kind == "sequence" else (value,)

    @property
    def answer_tensors(self) -> tuple[TensorView, ...]:
        return tuple(value.tensor for value in self.answers if value.tensor is not None)

    @cached_property
    def is_right(self) -> bool:
        """Whether the fitted parameters are the least-squares solution, within the tolerance."""
        return self.fit.is_met_by(self.recovered)

    @cached_property
    def losses(self) -> tuple[tuple[int, float], ...]:
        """``(step, loss)`` of the recorded passes; where no pass began at a single number, the mean squared
        error of the parameters that it found."""
        found = []
        for backward in self.passes:
            values = backward.loss.values if backward.loss else None
            if values is not None and len(values) == 1:
                found.append((backward.step, values[0]))
        errors = ((backward.step, self._error_at(backward)) for backward in self.passes)
        return tuple(found) or tuple((step, error) for step, error in errors if error is not None)

    def _error_at(self, backward: Backward) -> float | None:
        states = sorted(backward.slots, key=lambda state: state.slot)
        return self.fit.loss([number for state in states for number in state.value or ()])

    @property
    def is_answered(self) -> bool:
        return self.returned_normally and self.recovered is not None

    def came_out_as(self, other: Evidence) -> bool:
        if not isinstance(other, FitEvidence) or self.recovered is None or other.recovered is None:
            return False
        pairs = zip(self.recovered, other.recovered, strict=True)
        return all(a == b or math.isclose(a, b, rel_tol=1e-3, abs_tol=1e-3) for a, b in pairs)

    @property
    def parameter_names(self) -> tuple[str, ...]:
        return self.fit.names

    @property
    def answer_names(self) -> tuple[str, ...]:
        return self.fit.names


def _state(backward: Backward, slot: int) -> SlotState | None:
    for state in backward.slots:
        if state.slot == slot:
            return state
    return None


def _minus(after: tuple[float, ...] | None, before: tuple[float, ...] | None) -> tuple[float, ...] | None:
    if after is None or before is None or len(after) != len(before):
        return None
    return tuple(a - b for a, b in zip(after, before, strict=True))


def _numbers(value: ReturnedValue) -> Iterable[float]:
    if value.tensor is not None:
        return value.tensor.values or ()
    if value.number is not None:
        return (value.number,)
    if value.kind == "sequence":
        return [number for item in value.items for number in _numbers(item)]
    return value.values or ()
