"""What a function must answer, and how what came back differs from it.

Nothing here has an opinion: that a dtype differs is a fact, which mistake made it so is a pitfall's to say.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from grader.records import ReturnedValue
from grader.words import listing, number, numbers, shape

What = Literal[
    "kind", "count", "shape", "dtype", "device", "leaf", "requires_grad", "values", "gradient", "identity"
]  # fmt: skip
SHOWN = 8
"""So many values of a tensor are told."""


@dataclass(frozen=True, kw_only=True)
class ATensor:
    """A tensor. What is None is free."""

    shapes: tuple[tuple[int, ...], ...] = ()
    """The shapes that will do, the first of them the one to name; none where any will."""
    dtype: str | None = "float32"
    values: tuple[float, ...] | None = None
    """Row-major."""
    tolerance: float = 1e-4
    """How far a value may be off: so much, and so much of its size."""
    looks_right: Callable[[Sequence[float]], str | None] | None = None
    """Says what is wrong with the values where no single answer is right; None where nothing is."""
    requires_grad: bool | None = None
    clear: bool = False
    """Whether its ``.grad`` must be None or zero."""
    on_cpu: bool = False
    """On the CPU, whatever the run's device is."""


@dataclass(frozen=True, kw_only=True)
class ANumber:
    """A Python number, within the tolerance of ``value``, and so much of its size."""

    value: float
    tolerance: float = 1e-4


@dataclass(frozen=True)
class AList:
    """A tuple or a list."""

    items: tuple[Expected, ...]


@dataclass(frozen=True)
class Nothing:
    """``None``."""


@dataclass(frozen=True)
class ADevice:
    """A ``torch.device`` of this type."""

    type: str


Expected = ATensor | ANumber | AList | Nothing | ADevice


@dataclass(frozen=True)
class Difference:
    """One respect in which an answer is not the expected one."""

    what: What
    name: str
    """What differs: ``features``, ``w``."""
    got: str
    wanted: str
    value: ReturnedValue
    expected: Expected


def differences(
    expected: Expected, value: ReturnedValue, name: str, home: str, names: Sequence[str] = ()
) -> Iterator[Difference]:
    """How ``value`` differs from what was expected, what is to be seen first coming first.

    ``home`` is the run's device, ``names`` are those of a list's items.
    """
    if isinstance(expected, AList):
        yield from _of_list(expected, value, name, home, names)
    elif not _is_kind(expected, value):
        yield Difference("kind", name, kind_of(value), in_words(expected), value, expected)
    elif isinstance(expected, ATensor):
        yield from _of_tensor(expected, value, name, home)
    elif isinstance(expected, ANumber) and not _is_close(value.number, expected.value, expected.tolerance):
        yield Difference("values", name, _numbers(value.number), number(expected.value), value, expected)
    elif isinstance(expected, ADevice) and _type_of(value.text) != expected.type:
        yield Difference("device", name, str(value.text), expected.type, value, expected)


def _of_list(
    expected: AList, value: ReturnedValue, name: str, home: str, names: Sequence[str]
) -> Iterator[Difference]:
    if value.kind != "sequence":
        yield Difference("kind", name, kind_of(value), in_words(expected), value, expected)
    elif len(value.items) != len(expected.items):
        got = f"{len(value.items)} things ({listing([kind_of(item) for item in value.items[:6]])})"
        yield Difference("count", name, got, in_words(expected), value, expected)
    else:
        for index, (item, wanted) in enumerate(zip(value.items, expected.items, strict=True)):
            named = len(names) == len(expected.items) > 1
            own = names[index] if named else f"{name}[{index}]"
            yield from differences(wanted, item, own, home)


def _of_tensor(expected: ATensor, value: ReturnedValue, name: str, home: str) -> Iterator[Difference]:
    view = value.tensor
    if view is None:
        return

    def differs(what: What, got: str, wanted: str) -> Difference:
        return Difference(what, name, got, wanted, value, expected)

    place = "cpu" if expected.on_cpu else home
    if expected.shapes and view.shape not in expected.shapes:
        yield differs("shape", shape(view.shape), listing([shape(s) for s in expected.shapes], "or"))
    if expected.dtype is not None and view.dtype != expected.dtype:
        yield differs("dtype", view.dtype, expected.dtype)
    if _type_of(view.device) != _type_of(place):
        yield differs("device", view.device, place)
    if expected.requires_grad is not None and view.requires_grad != expected.requires_grad:
        yield differs("requires_grad", str(view.requires_grad), str(expected.requires_grad))
    if expected.requires_grad and not view.leaf:
        yield differs("leaf", f"no leaf (grad_fn={view.grad_fn})", "a leaf")
    yield from _of_values(expected, value, differs)
    if expected.clear and any(value.gradient or ()):
        yield differs("gradient", numbers(value.gradient), "None or zero")


def _of_values(
    expected: ATensor, value: ReturnedValue, differs: Callable[[What, str, str], Difference]
) -> Iterator[Difference]:
    few = value.tensor.values if value.tensor is not None else None
    values: Sequence[float] | None = value.values if value.values is not None else few
    if values is None:
        return
    wanted = expected.values
    if wanted is not None and len(values) == len(wanted):
        pairs = zip(values, wanted, strict=True)
        if not all(_is_close(got, want, expected.tolerance) for got, want in pairs):
            yield differs("values", _some(values), _some(wanted))
    elif expected.looks_right is not None and (wrong := expected.looks_right(values)):
        yield differs("values", _some(values), wrong)


def _is_kind(expected: Expected, value: ReturnedValue) -> bool:
    if isinstance(expected, ATensor):
        return value.kind == "tensor"
    if isinstance(expected, ANumber):
        return value.kind == "number"
    if isinstance(expected, Nothing):
        return value.kind == "none"
    return value.kind == "other" and value.type == "device"


def _is_close(got: float | None, wanted: float, tolerance: float) -> bool:
    if got is None or not math.isfinite(got):
        return False
    return abs(got - wanted) <= tolerance + tolerance * abs(wanted)


def _type_of(device: str | None) -> str:
    return (device or "").partition(":")[0]


def _numbers(value: float | None) -> str:
    return "nothing" if value is None else number(value)


def _some(values: Sequence[float]) -> str:
    listed = ", ".join(number(value) for value in values[:SHOWN])
    return f"[{listed}{', …' if len(values) > SHOWN else ''}]"


def in_words(expected: Expected) -> str:
    """``a float32 tensor of shape (3,)``, ``a Python float``, ``None``."""
    if isinstance(expected, ATensor):
        dtype = f"{_article(expected.dtype)} {expected.dtype}" if expected.dtype else "a"
        size = f" of shape {listing([shape(s) for s in expected.shapes], 'or')}" if expected.shapes else ""
        return f"{dtype} tensor{size}"
    if isinstance(expected, AList):
        return f"a tuple or list of {len(expected.items)}: {listing([in_words(i) for i in expected.items])}"
    if isinstance(expected, ANumber):
        return "a Python float"
    return "None" if isinstance(expected, Nothing) else "a torch.device"


def kind_of(value: ReturnedValue) -> str:
    """``a float32 tensor of shape (3,)``, ``None``, ``a float``, ``a tuple of 2``."""
    if value.tensor is not None:
        dtype = value.tensor.dtype
        return f"{_article(dtype)} {dtype} tensor of shape {shape(value.tensor.shape)}"
    if value.kind == "none":
        return "None"
    article = _article(value.type)
    if value.kind == "sequence":
        return f"{article} {value.type} of {len(value.items)}"
    return f"{article} {value.type}" + (f" ({value.text})" if value.text else "")


def _article(word: str) -> str:
    return "an" if word[:1] in "aeiou" else "a"
