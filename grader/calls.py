"""Functions to write: the exercises whose functions are called and must answer rightly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from grader.exercise import Case, EntryPoint, Exercise
from grader.expected import Expected
from grader.records import (
    Argument,
    DeviceArgument,
    FunctionArgument,
    ListArgument,
    PlainArgument,
    TensorArgument,
)
from grader.words import number, shape

SEEDS = 2
"""A function is called with the data of so many seeds."""


@dataclass(frozen=True)
class Call:
    """One call and what must come of it."""

    arguments: tuple[Argument, ...]
    returned: Expected
    left: tuple[Expected | None, ...] = ()
    """What the arguments must be afterwards, in order; None for those that are free."""


@dataclass(frozen=True, kw_only=True)
class CallCase(Case):
    """Calls of one function in one process, and what must come of them."""

    calls: tuple[Call, ...]
    item: str
    """The rubric item that it is about."""
    same: tuple[tuple[int, int], ...] = ()
    """Which calls must bring the same, by number from 0."""
    different: tuple[tuple[int, int], ...] = ()
    """Which calls must not."""
    backward_passes: int = 0
    """At least so many must be made in each call."""
    by_autograd: bool = False
    """Whether the derivatives must come from autograd."""
    no_graph: bool = False
    """Whether no graph may be built."""
    in_place: tuple[int, ...] = ()
    """Which arguments must be changed and not replaced."""


def case(entry: str, seed: int, *calls: Call, item: str | None = None, **more: object) -> CallCase:
    """A case of ``calls``; its item is the function's own unless one is named. ``more`` are fields of
    CallCase."""
    return CallCase(
        seed=seed,
        entry=entry,
        item=item or item_of(entry),
        arguments=calls[0].arguments,
        further=tuple(call.arguments for call in calls[1:]),
        in_full=True,
        calls=calls,
        **more,  # type: ignore[arg-type]
    )


@dataclass(frozen=True, kw_only=True)
class FunctionExercise(Exercise):
    """One or more functions, each a rubric item of its own (its name with hyphens) unless its cases name
    others."""

    functions: tuple[EntryPoint, ...]
    about_devices: bool = False
    """Whether moving to another device is the very thing that is practised: with none, nothing is seen."""
    harmless_edits: tuple[str, ...] = ()
    """Edits of the reference that `grader verify` would take for mistakes and that are none here."""
    make_cases: Callable[[int], Sequence[CallCase]] = field(repr=False)
    """The calls that are made with one seed's data."""

    @property
    def entries(self) -> tuple[EntryPoint, ...]:
        return self.functions

    def cases(self, seeds: Sequence[int] | None = None) -> tuple[CallCase, ...]:
        chosen = (seeds or range(self.first_seed, self.first_seed + SEEDS))[:SEEDS]
        made = dict.fromkeys(case for seed in chosen for case in self.make_cases(seed))
        names = [entry.name for entry in self.functions]
        return tuple(sorted(made, key=lambda case: names.index(case.entry)))

    def entry(self, name: str) -> EntryPoint:
        return next(entry for entry in self.functions if entry.name == name)


def item_of(entry: str) -> str:
    """The rubric item of a function."""
    return entry.replace("_", "-")


def tensor(
    values: Sequence[float], sizes: Sequence[int] | None = None, dtype: str = "float32", **more: object
) -> TensorArgument:
    """A tensor to hand over: of shape ``(N,)`` unless ``sizes`` says otherwise."""
    return TensorArgument(
        values=tuple(float(value) for value in values),
        shape=tuple(sizes) if sizes is not None else (len(values),),
        dtype=dtype,
        **more,  # type: ignore[arg-type]
    )


def in_words(argument: Argument, name: str) -> str:
    """``X: float32 (5, 3)``, ``lr = 0.1``, ``tensors: 3 tensors``."""
    if isinstance(argument, TensorArgument):
        kind = "" if argument.dtype == "float32" else f"{argument.dtype} "
        if len(argument.values) == 1:
            return f"{name} = {kind}tensor of {number(argument.values[0])}, shape {shape(argument.shape)}"
        return f"{name}: {kind}tensor of shape {shape(argument.shape)}"
    if isinstance(argument, ListArgument):
        return f"{name}: a list of {len(argument.items)}"
    if isinstance(argument, FunctionArgument):
        return f"{name} = lambda x: {argument.expression}"
    if isinstance(argument, DeviceArgument):
        return f"{name}: the device"
    return f"{name} = {_plain(argument)}"


def _plain(argument: PlainArgument) -> str:
    text = repr(argument.value)
    if isinstance(argument.value, tuple):
        text = text.replace("(", "[").replace(")", "]")
    return text if len(text) <= 40 else text[:39] + "…"


def call_in_words(entry: EntryPoint, arguments: Sequence[Argument]) -> str:
    """``predict(X: tensor of shape (5, 3), w: tensor of shape (3,))``."""
    pairs = zip(arguments, entry.parameters, strict=False)
    return f"{entry.name}({', '.join(in_words(argument, name) for argument, name in pairs)})"
