"""Makes the arguments of a call from plain values, and describes what comes back."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from grader.child.views import Identities, Plain, numbers, wire

MOST_ITEMS = 16
MOST_DEPTH = 3
DATA_SIZES = range(8, 4097)
"""How many elements a script's global must have to be taken for its data."""
MOST_DATA = 12


def decode(argument: Plain, device: str) -> Any:
    """One argument: a tensor on the run's device, or a plain value as it is."""
    if argument["kind"] == "plain":
        return argument["value"]
    dtype = getattr(torch, argument["dtype"])
    tensor = torch.tensor(argument["values"], dtype=dtype, device=device)
    return tensor.reshape(argument["shape"])


def describe(value: Any, identities: Identities, depth: int = 0) -> Plain:
    """A ``records.ReturnedValue``."""
    described: Plain = {"kind": "other", "type": type(value).__name__[:80]}
    if value is None:
        described["kind"] = "none"
    elif isinstance(value, torch.Tensor):
        described |= {"kind": "tensor", "tensor": identities.view(value)}
    elif isinstance(value, (bool, int, float, np.number, np.bool_)):
        described |= _number(value)
    elif isinstance(value, (tuple, list)) and depth < MOST_DEPTH:
        items = [describe(item, identities, depth + 1) for item in list(value)[:MOST_ITEMS]]
        described |= {"kind": "sequence", "items": items}
    elif isinstance(value, np.ndarray) and value.size <= MOST_ITEMS and value.dtype.kind in "fiub":
        described["values"] = wire([float(item) for item in value.reshape(-1)])
    return described


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
