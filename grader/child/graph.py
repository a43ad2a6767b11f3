"""The graph behind a loss."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch

MOST_NODES = 5000
"""A graph that grows with every step is walked no further than this."""
DRAWN_NODES = 64


@dataclass
class Node:
    """A node to draw; ``leaf`` is set where a gradient is accumulated."""

    id: int
    name: str
    inputs: list[int]
    leaf: torch.Tensor | None = None


@dataclass
class Walk:
    """What a walk from a loss met. ``leaves`` are in the order of the operands."""

    leaves: list[torch.Tensor]
    order: dict[Any, int] = field(default_factory=dict)
    """Each node's place among those met."""

    @property
    def size(self) -> int:
        return len(self.order)

    def drawn(self) -> list[Node]:
        """The first of the nodes, as they are to be drawn."""
        return [_drawn(node, self.order) for node in list(self.order)[:DRAWN_NODES]]


def walk(outputs: list[torch.Tensor]) -> Walk:
    """Walk from the outputs to the leaves that require grad, depth first, operands left to right."""
    seen = Walk(leaves=[t for t in outputs if t.is_leaf and t.requires_grad])
    order = seen.order
    pending = [t.grad_fn for t in reversed(outputs) if t.grad_fn is not None]
    while pending and len(order) < MOST_NODES:
        node = pending.pop()
        if node in order:
            continue
        order[node] = len(order)
        leaf = getattr(node, "variable", None)
        if leaf is not None:
            seen.leaves.append(leaf)
        pending += [parent for parent, _ in reversed(node.next_functions) if parent is not None]
    return seen


def _drawn(node: Any, order: dict[Any, int]) -> Node:
    inputs = [order[parent] for parent, _ in node.next_functions if parent in order]
    return Node(order[node], node.name(), inputs, getattr(node, "variable", None))
