"""How the child describes tensors, numbers and exceptions in plain JSON values."""

from __future__ import annotations

import math
import weakref
from typing import Any

import torch

from grader.child.simulated import crossing as simulated

Plain = dict[str, Any]

_isfinite, _sum = math.isfinite, sum

FEW = 32
"""Tensors of at most this many elements are described with their values."""


def wire(values: list[float]) -> list[float | str]:
    """Floats as JSON can hold them: NaN and the infinities are spelt."""
    if _isfinite(_sum(values)):  # then all of them are
        return values  # type: ignore[return-value]
    return [value if _isfinite(value) else _spell(value) for value in values]


def _spell(value: float) -> str:
    if math.isnan(value):
        return "nan"
    return "inf" if value > 0 else "-inf"


def numbers(tensor: torch.Tensor | None, most: int = FEW) -> list[float] | None:
    """The elements as Python floats, row-major; None for no tensor, many elements or complex ones."""
    if tensor is None or tensor.numel() > most or tensor.is_complex():
        return None
    try:
        flat = _elements(tensor if tensor.is_cpu else _within_reach(tensor))
    except RuntimeError:  # torch.func's own tensors stand for many, and have no values to read
        return None
    return [float(value) for value in flat] if flat and type(flat[0]) is not float else flat


def _elements(tensor: torch.Tensor) -> list[Any]:
    dimensions = tensor.dim()
    if dimensions == 1:
        return tensor.tolist()
    return tensor.detach().reshape(-1).tolist() if dimensions else [tensor.tolist()]


def _within_reach(tensor: torch.Tensor) -> torch.Tensor:
    """A simulated tensor as one of the CPU over the same memory: the device itself would copy it first."""
    return simulated.at_host(tensor) if tensor.device.type == simulated.NAME else tensor


class _Texts(dict[Any, str]):
    """What each of a few things is called, asked once."""

    def __missing__(self, thing: Any) -> str:
        text = self[thing] = str(thing).removeprefix("torch.")
        return text


_DTYPES, _DEVICES = _Texts(), _Texts()


class Identities:
    """Small numbers for tensor objects and for the memory they look at.

    Python's ``id`` is used again once an object is gone, so each number is tied to a weak reference.
    The numbers of memory are tied to addresses: two tensors that are alive at the same time share a
    number if and only if they share memory.
    """

    def __init__(self) -> None:
        self._tensors: dict[int, tuple[weakref.ref[torch.Tensor], int]] = {}
        self._storages: dict[int, int] = {}
        self._next = 1

    def of(self, tensor: torch.Tensor) -> int:
        known = self._tensors.get(id(tensor))
        if known is not None and known[0]() is tensor:
            return known[1]
        number = self._next
        self._next += 1
        self._tensors[id(tensor)] = (weakref.ref(tensor), number)
        return number

    def storage_of(self, tensor: torch.Tensor) -> int:
        try:
            address = tensor.untyped_storage()._cdata
        except (RuntimeError, NotImplementedError):  # sparse tensors and torch.func's have none
            return 0
        return self._storages.setdefault(address, len(self._storages) + 1)

    def view(self, tensor: torch.Tensor) -> Plain:
        """A ``records.TensorView``."""
        values = numbers(tensor)
        requires_grad = tensor.requires_grad
        try:
            grad_fn = tensor.grad_fn
            leaf = grad_fn is None
        except RuntimeError:
            # Torch refuses to say so of a view that was made under no_grad once its base has been changed:
            # the submission never asked, and must not be stopped by the question.
            grad_fn, leaf = None, not requires_grad
        return {
            "id": self.of(tensor),
            "storage": self.storage_of(tensor),
            "shape": list(tensor.shape),
            "dtype": _DTYPES[tensor.dtype],
            "device": _DEVICES[tensor.device],
            "leaf": leaf,
            "requires_grad": requires_grad,
            "grad_fn": None if grad_fn is None else grad_fn.name(),
            "values": None if values is None else wire(values),
        }


_SHORT = 60


def abbreviate(value: object) -> str:
    """A short text for a plain value. The submission's own ``__repr__`` is never called."""
    if value is None or type(value) in (bool, int, float, complex):
        return repr(value)[:_SHORT]
    if type(value) is str:
        return repr(value[:_SHORT])
    if isinstance(value, (torch.dtype, torch.device)):
        return str(value)
    if type(value) in (list, tuple, torch.Size):
        return "[" + ", ".join(abbreviate(item) for item in value[:8])[:_SHORT] + "]"  # type: ignore[index]
    return type(value).__name__[:_SHORT]


def tensors_in(values: Any, most: int = FEW) -> list[torch.Tensor]:
    """The tensors among call arguments, and in lists and tuples among them."""
    found: list[torch.Tensor] = []
    for value in values:
        if isinstance(value, torch.Tensor):
            found.append(value)
        elif type(value) in (list, tuple):
            found += [item for item in value if isinstance(item, torch.Tensor)]
    return found[:most]
