"""Counts the graphs of earlier steps that are still reachable.

A token is hung on the root node of each graph, in the node's metadata, which lives as long as the node does,
whoever holds it: a kept loss, a running total, a longer graph. A weak reference tells whether it still lives.
"""

from __future__ import annotations

import random
import weakref
from collections.abc import Sequence
from types import FrameType
from typing import Any

import torch

from grader.child.holders import Growth

EVERY = 64
"""The graphs of so many passes are all noted. Of those later on that are passed by, some are, each for those
up to the next: at gaps without a rhythm, for a loop that keeps something now and then has one."""
SHORTEST, LONGEST = 4, 12
SAMPLES_FROM = 4
MOST_SAMPLES = 24
MOST_GRAPHS = 100_000
MOST_WATCHED = 32
"""The last count after which it is looked for what keeps the graphs."""
DEPTH = 12
_KEY = "recorded graph"


class _Token:
    """Something that can be referred to weakly."""


class Retention:
    """The graphs of one run."""

    def __init__(self) -> None:
        self.alive: list[tuple[int, int]] = []
        self.held_by: str | None = None
        self.held_at: int | None = None
        self._growth: Growth | None = None
        self._tokens: list[tuple[int, weakref.ref[_Token]]] = []
        self._next = EVERY
        self._gaps = random.Random(EVERY)  # noqa: S311 - not against anyone who knows the gaps

    def graph(self, number: int, loss: torch.Tensor | None, frames: Sequence[FrameType]) -> None:
        """Note the graph behind the loss of a pass, and now and then count those that are left."""
        self._watch_growth()
        self._note(number, loss)
        if number >= SAMPLES_FROM and number & (number - 1) == 0 and len(self.alive) < MOST_SAMPLES:
            self._count(number, frames)

    def pass_by(self, number: int, loss: torch.Tensor | None) -> None:
        """Note the graphs of some of the passes that are not looked at."""
        if number >= self._next or number <= EVERY:
            self._note(number, loss)

    def _note(self, number: int, loss: torch.Tensor | None) -> None:
        root = None if loss is None else _deep(loss.grad_fn)
        if root is not None and len(self._tokens) < MOST_GRAPHS:
            metadata: Any = root.metadata
            token = metadata.setdefault(_KEY, _Token())
            self._tokens.append((number, weakref.ref(token)))
        self._next = number + self._gaps.randint(SHORTEST, LONGEST)

    @property
    def is_watching(self) -> bool:
        """Whether containers are being watched, pass by pass."""
        return self._growth is not None

    def stop(self) -> None:
        """The run is over: let go of what was being watched."""
        if self._growth is not None:
            self._growth.stop()
            self._growth = None

    def _count(self, number: int, frames: Sequence[FrameType]) -> None:
        following = [number for number, _ in self._tokens[1:]] + [number + 1]
        weights = {
            id(token): then - noted
            for (noted, ref), then in zip(self._tokens, following, strict=True)
            if (token := ref()) is not None
        }
        alive = sum(weights.values())
        self.alive.append((number, alive))
        if alive >= SAMPLES_FROM and self.held_by is None and number <= MOST_WATCHED and not self._growth:
            self._growth = Growth(frames)

    def _watch_growth(self) -> None:
        if self._growth is not None and not self._growth.step():
            self.held_by, self.held_at = self._growth.grown, self._growth.line
            self.stop()


def _deep(node: Any) -> Any:
    """A node near the parameters, which anything kept of the forward pass holds on to, a prediction too."""
    for _ in range(DEPTH):
        following = [parent for parent, _ in node.next_functions] if node is not None else []
        if not following or following[0] is None or hasattr(following[0], "variable"):
            return node
        node = following[0]
    return node
