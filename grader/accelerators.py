"""Accelerators: what a program calls them, and the one that the grader brings along."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.records import Event

ACCELERATORS = frozenset({"cuda", "mps", "xpu", "hpu"})
SIMULATED = "sim"


def named_accelerator(event: Event | None) -> str | None:
    """The accelerator that a call asked for by name, as ``device="cuda"`` and ``.cuda()`` do."""
    if event is None:
        return None
    method = event.op.removeprefix("Tensor.")
    if method in ACCELERATORS:
        return method
    names = (value.strip("'\"").partition(":")[0] for value in event.arguments.values())
    return next((name for name in names if name in ACCELERATORS), None)


def in_words(device: str) -> str:
    """A device's name, and that it is simulated where it is."""
    return f"{device} (simulated)" if device.partition(":")[0] == SIMULATED else device
