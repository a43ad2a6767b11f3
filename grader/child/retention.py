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
"""The graphs of so many passes are all noted. Of those that are passed by later on, some are, each for those
up to the next: at gaps without a rhythm, for a loop that keeps something now and then has one."""
SHORTEST, LONGEST = 4, 12
SAMPLES_FROM = 4
MOST_SAMPLES = 24
MOST_GRAPHS = 100_000
MOST_WATCHED = 32
"""The last count after which it is looked for what keeps the graphs."""
DEPTH = 12
_AccumulateGrad: Any = type(torch.ones(1, requires_grad=True).expand(1).grad_fn.next_functions[0][0])  # type: ignore[union-attr]
"""What a graph has where it meets a parameter."""
_KEY = "recorded graph"


class _Token:
    """Something that can be referred to weakly."""


class _Noted:
    """A graph, and how many it stands for, itself among them."""

    __slots__ = ("graphs", "token")

    def __init__(self, token: weakref.ref[_Token]) -> None:
        self.token = token
        self.graphs = 1


class Retention:
    """The graphs of one run."""

    def __init__(self) -> None:
        self.alive: list[tuple[int, int]] = []
        self.held_by: str | None = None
        self.held_at: int | None = None
        self._growth: Growth | None = None
        self._noted: list[_Noted] = []
        self._stands: _Noted | None = None
        """What stands for the graphs that are passed by."""
        self._next = 0
        self._gaps = random.Random(EVERY)  # noqa: S311 - not against anyone who knows the gaps

    def graph(self, number: int, loss: torch.Tensor | None, frames: Sequence[FrameType]) -> None:
        """Note the graph behind the loss of a pass, and now and then count those that are left."""
        self._watch_growth()
        self._note(number, loss)
        if number >= SAMPLES_FROM and number & (number - 1) == 0 and len(self.alive) < MOST_SAMPLES:
            self._count(number, frames)

    def pass_by(self, number: int, loss: torch.Tensor | None) -> None:
        """Note the graph behind the loss of a pass that is not looked at, or count it with another."""
        if self._stands is not None and number < self._next:
            self._stands.graphs += 1
            return
        noted = self._note(number, loss)
        if number >= EVERY and noted is not None:
            self._stands = noted
            self._next = number + self._gaps.randint(SHORTEST, LONGEST)

    def _note(self, number: int, loss: torch.Tensor | None) -> _Noted | None:
        root = None if loss is None else _deep(loss.grad_fn)
        if root is None or len(self._noted) >= MOST_GRAPHS:
            return None
        metadata: Any = root.metadata
        self._noted.append(_Noted(weakref.ref(metadata.setdefault(_KEY, _Token()))))
        return self._noted[-1]

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
        graphs = {id(token): noted.graphs for noted in self._noted if (token := noted.token()) is not None}
        alive = sum(graphs.values())
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
        following = None if node is None else node.next_functions
        if not following:
            return node
        first = following[0][0]
        if first is None or type(first) is _AccumulateGrad:
            return node
        node = first
    return node
