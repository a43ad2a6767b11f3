"""Makes the arguments of a call from plain values, and describes what comes back."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from grader.child.views import Identities, Plain, abbreviate, numbers, wire

MOST_ITEMS = 16
MOST_DEPTH = 3
DATA_SIZES = range(8, 4097)
"""How many elements a script's global must have to be taken for its data."""
MOST_DATA = 12


def decode(argument: Plain, device: str) -> Any:
    """One argument as ``records.Argument`` describes it."""
    if argument["kind"] == "plain":
        return argument["value"]
    if argument["kind"] == "device":
        return torch.device(device)
    if argument["kind"] == "function":
        return _function(argument["expression"])
    if argument["kind"] == "list":
        items = [decode(item, device) for item in argument["items"]]
        return tuple(items) if argument["is_tuple"] else items
    return _tensor(argument, device)


def _tensor(argument: Plain, device: str) -> torch.Tensor:
    place = "cpu" if argument["on_cpu"] else device
    dtype = getattr(torch, argument["dtype"])
    tensor = torch.tensor(argument["values"], dtype=dtype, device=place).reshape(argument["shape"])
    if argument["requires_grad"]:
        tensor = tensor.clone().requires_grad_()
    if argument["gradient"] is not None:
        gradient = torch.tensor(argument["gradient"], dtype=dtype, device=place)
        tensor.grad = gradient.reshape(argument["shape"])
    return tensor


def _function(expression: str) -> Any:
    """The exercise's own expression, which came from the parent: it is as trusted as this code."""
    return eval(f"lambda x: {expression}", {"torch": torch})  # noqa: S307


def describe(value: Any, identities: Identities, depth: int = 0, in_full: bool = False) -> Plain:
    """A ``records.ReturnedValue``; ``in_full`` with all the values of a tensor that is not too large."""
    described: Plain = {"kind": "other", "type": type(value).__name__[:80]}
    if value is None:
        described["kind"] = "none"
    elif isinstance(value, torch.Tensor):
        described |= {"kind": "tensor", "tensor": identities.view(value)}
        if in_full:
            described |= _in_full(value)
    elif isinstance(value, (bool, int, float, np.number, np.bool_)):
        described |= _number(value)
    elif isinstance(value, (tuple, list)) and depth < MOST_DEPTH:
        items = [describe(item, identities, depth + 1, in_full) for item in list(value)[:MOST_ITEMS]]
        described |= {"kind": "sequence", "items": items}
    elif isinstance(value, (str, torch.device, torch.dtype)):
        described["text"] = abbreviate(value)
    elif isinstance(value, np.ndarray) and value.size <= MOST_ITEMS and value.dtype.kind in "fiub":
        described["values"] = wire([float(item) for item in value.reshape(-1)])
    return described


def _in_full(tensor: torch.Tensor) -> Plain:
    values = numbers(tensor, DATA_SIZES.stop)
    gradient = numbers(tensor.grad, DATA_SIZES.stop) if tensor.is_leaf else None
    return {
        "values": None if values is None else wire(values),
        "gradient": None if gradient is None else wire(gradient),
    }


def _number(value: Any) -> Plain:
    try:
        return {"kind": "number", "number": wire([float(value)])[0]}
    except (OverflowError, ValueError, TypeError):  # an int too large for a float, a lying subclass
        return {}


def describe_globals(scope: dict[str, Any], names: list[str], identities: Identities) -> dict[str, Plain]:
    """A script's fitted names, and those of its globals that may be its data, with their values."""
    found = {name: describe(scope[name], identities) if name in scope else _missing() for name in names}
    for name, value in scope.items():
        if len(found) >= MOST_DATA + len(names) or name.startswith("__") or name in found:
            continue
        values = _data_values(value)
        if values is not None:
            found[name[:60]] = {**describe(value, identities), "values": wire(values)}
    return found


def _missing() -> Plain:
    return {"kind": "missing", "type": ""}


def _data_values(value: Any) -> list[float] | None:
    if isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.size in DATA_SIZES:
        return [float(item) for item in value.reshape(-1)]
    if not isinstance(value, torch.Tensor) or value.requires_grad:
        return None
    if value.numel() not in DATA_SIZES or not value.is_floating_point():
        return None
    return numbers(value, DATA_SIZES.stop)
