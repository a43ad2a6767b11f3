"""Counts the graphs of earlier steps that are still reachable.

A token is hung on the root node of each graph, in the node's metadata, which lives as long as the node does,
whoever holds it: a kept loss, a running total, a longer graph. A weak reference tells whether it still lives.
"""

from __future__ import annotations

import weakref
from collections import deque
from types import FrameType
from typing import Any

import torch

from grader.child.sites import attributes

SAMPLES_FROM = 4
MOST_SAMPLES = 24
MOST_GRAPHS = 100_000
DEPTH = 12
_KEY = "recorded graph"


class _Token:
    """Something that can be referred to weakly."""


class Retention:
    """The graphs of one run."""

    def __init__(self) -> None:
        self.alive: list[tuple[int, int]] = []
        self.held_by: str | None = None
        self._tokens: list[weakref.ref[_Token]] = []

    def graph(self, number: int, loss: torch.Tensor | None, frames: list[FrameType]) -> None:
        """Note the graph behind the loss of a pass, and now and then count those that are left."""
        root = None if loss is None else _deep(loss.grad_fn)
        if root is not None and len(self._tokens) < MOST_GRAPHS:
            metadata: Any = root.metadata
            token = metadata.setdefault(_KEY, _Token())
            self._tokens.append(weakref.ref(token))
        if number >= SAMPLES_FROM and number & (number - 1) == 0 and len(self.alive) < MOST_SAMPLES:
            self._count(number, frames)

    def _count(self, number: int, frames: list[FrameType]) -> None:
        alive = len({id(token) for ref in self._tokens if (token := ref()) is not None})
        self.alive.append((number, alive))
        if alive >= SAMPLES_FROM and self.held_by is None:
            self.held_by = _holder(frames)


def _deep(node: Any) -> Any:
    """A node near the parameters, which anything kept of the forward pass holds on to, a prediction too."""
    for _ in range(DEPTH):
        following = [parent for parent, _ in node.next_functions] if node is not None else []
        if not following or following[0] is None or hasattr(following[0], "variable"):
            return node
        node = following[0]
    return node


def _holder(frames: list[FrameType]) -> str | None:
    """The first name in the submission's frames of a container with several tensors that have a graph."""
    for frame in frames[:8]:
        for name, value in _named(frame):
            if _holds_graphs(value):
                return name[:60]
    return None


def _named(frame: FrameType) -> list[tuple[str, object]]:
    """A frame's names, and the attributes of the plain objects among them."""
    local = list(frame.f_locals.items())[:200]
    return local + [(f"{name}.{key}", item) for name, value in local for key, item in attributes(value)]


def _holds_graphs(value: object) -> bool:
    if type(value) is dict:
        value = list(value.values())
    if not isinstance(value, (list, tuple, deque)):
        return False
    items = list(value)[:16]
    return sum(isinstance(item, torch.Tensor) and item.grad_fn is not None for item in items) >= 2
