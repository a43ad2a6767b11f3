"""Which container of the submission's keeps graphs, and the line that puts them there.

A list, a deque or a dictionary that holds tensors with a history is found through the submission's names. The
line is found by watching those containers, line by line for a few steps, until one of them grows.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterator, Sequence
from types import FrameType, ModuleType
from typing import Any

import torch

from grader.child.sites import attributes

MOST_ITEMS = 16
MOST_NAMES = 200
MOST_CONTAINERS = 20
DEPTH = 3
STEPS = 8
"""So many steps are watched line by line."""

_Container = list[Any] | dict[Any, Any] | deque[Any]


class Growth:
    """Containers that hold graphs, watched until one of them grows."""

    def __init__(self, frames: Sequence[FrameType]) -> None:
        self.grown: str | None = None
        """The name of the container that grew."""
        self.line: int | None = None
        """The line that made it grow; None where it was not seen."""
        self._held = [(name, box, len(box)) for name, box in _containers(frames)]
        self._bound = _bound(frames)
        self._filename = frames[0].f_code.co_filename if frames else ""
        self._latest = frames[0].f_lineno if frames else None
        self._frames = list(frames)
        self._left = STEPS
        self._tracing = False
        if (
            self._held or self._bound
        ) and sys.gettrace() is None:  # the submission's own tracer is left alone
            self._start()

    def step(self) -> bool:
        """A step has passed; tell whether there is anything left to watch for."""
        self._look()
        self._left -= 1
        return bool(self._held or self._bound) and self.grown is None and self._left > 0

    def stop(self) -> None:
        """Look no more, and let go of everything."""
        if self._tracing:
            self._tracing = False
            sys.settrace(None)
        for frame in self._frames:
            frame.f_trace = None
        self._held, self._bound, self._frames = [], [], []

    def _start(self) -> None:
        self._tracing = True
        for frame in self._frames:
            frame.f_trace = self._trace
        sys.settrace(self._trace)

    def _trace(self, frame: FrameType, event: str, _: Any) -> Any:
        if not self._tracing or frame.f_code.co_filename != self._filename:
            return None
        self._look()
        self._latest = _caller(frame) if event == "return" else frame.f_lineno
        return self._trace

    def _look(self) -> None:
        grown = [name for name, box, size in self._held if len(box) > size]
        grown += [name for frame, name, size in self._bound if _size(frame, name) > size]
        if grown and self.grown is None:
            self.grown = grown[0][:60]
            self.line = self._latest if self._tracing else None
            self.stop()


def _caller(frame: FrameType) -> int | None:
    """The line that the submission goes on with when a frame returns."""
    back = frame.f_back
    while back is not None and back.f_code.co_filename != frame.f_code.co_filename:
        back = back.f_back
    return None if back is None else back.f_lineno


def _containers(frames: Sequence[FrameType]) -> list[tuple[str, _Container]]:
    """The containers with several items that carry a graph, under the submission's names for them."""
    found: dict[int, tuple[str, _Container]] = {}
    for name, value in _named(frames):
        for label, box in _holding(name, value, DEPTH):
            if len(found) < MOST_CONTAINERS:
                found.setdefault(id(box), (label, box))
    return list(found.values())


def _bound(frames: Sequence[FrameType]) -> list[tuple[FrameType, str, int]]:
    """The local names of lists and tuples that hold graphs: each step may bind a longer one to the name."""
    found = []
    for frame in frames[:8]:
        for name, value in list(frame.f_locals.items())[:MOST_NAMES]:
            if (
                isinstance(value, (list, tuple))
                and sum(_carries(item, 1) for item in value[:MOST_ITEMS]) >= 2
            ):
                found.append((frame, name, len(value)))
    return found[:MOST_CONTAINERS]


def _size(frame: FrameType, name: str) -> int:
    value = frame.f_locals.get(name)
    return len(value) if isinstance(value, (list, tuple)) else 0


def _named(frames: Sequence[FrameType]) -> Iterator[tuple[str, object]]:
    """The names of the frames and of the module, and the attributes of the plain objects among them."""
    scopes = [frame.f_locals for frame in frames[:8]] + [frame.f_globals for frame in frames[:1]]
    for scope in scopes:
        for name, value in list(scope.items())[:MOST_NAMES]:
            if name.startswith("__") or isinstance(value, ModuleType):
                continue
            yield name, value
            yield from ((f"{name}.{key}", item) for key, item in attributes(value))


def _holding(name: str, value: object, depth: int) -> Iterator[tuple[str, _Container]]:
    """A container that holds graphs, and those within it, the innermost first."""
    if not isinstance(value, (list, dict, deque)) or not depth:
        return
    for key, item in _entries(value):
        yield from _holding(f"{name}[{key!r}]" if type(key) in (str, int) else name, item, depth - 1)
    if sum(_carries(item, depth) for _, item in _entries(value)) >= 2:
        yield name, value


def _carries(item: object, depth: int) -> bool:
    if isinstance(item, torch.Tensor):
        return item.grad_fn is not None
    if not depth:
        return False
    if isinstance(item, (list, tuple, dict, deque)):
        return any(_carries(inner, depth - 1) for _, inner in _entries(item))
    return any(_carries(inner, depth - 1) for _, inner in attributes(item))


def _entries(value: _Container | tuple[Any, ...]) -> list[tuple[Any, Any]]:
    if isinstance(value, dict):
        return list(value.items())[:MOST_ITEMS]
    return list(enumerate(list(value)[:MOST_ITEMS]))
