"""Where in the submission a call came from."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from types import CodeType, FrameType, TracebackType
from typing import Any

import torch

Plain = dict[str, Any]

_TORCH = Path(torch.__file__).parent
OWN_DOINGS = tuple(
    str(_TORCH / place) for place in ("autograd/functional.py", "_functorch", "optim", "nn/modules", "func")
)
"""Torch's own Python code that calls torch on its own account, and not to pass a call on."""
MOST_FRAMES = 60
"""How far up the stack the submission's line is looked for."""


MOST_POSITIONS = 100_000
"""So many instructions of one function are told apart."""

_Position = tuple[int | None, int | None, int | None, int | None]


class Sites:
    """The expressions of the submission that called torch, numbered in the order they were met."""

    def __init__(self, filename: str) -> None:
        self.filename = filename
        self.visits: list[int] = []
        self._numbers: dict[tuple[CodeType, int], int] = {}
        self._positions: dict[CodeType, tuple[_Position, ...]] = {}
        self._described: list[Plain] = []

    def frame(self) -> FrameType | None:
        """The innermost frame of the submission on this thread's stack."""
        frame: FrameType | None = sys._getframe(1)
        for _ in range(MOST_FRAMES):
            if frame is None or frame.f_code.co_filename == self.filename:
                return frame
            frame = frame.f_back
        return None

    def caller(self) -> FrameType | None:
        """The submission's frame that made the call at hand; None where torch's own code made it (as
        ``torch.autograd.functional`` does), for that is not the submission's doing."""
        frame: FrameType | None = sys._getframe(1)
        for _ in range(MOST_FRAMES):
            if frame is None or frame.f_code.co_filename == self.filename:
                return frame
            if frame.f_code.co_filename.startswith(OWN_DOINGS):
                return None
            frame = frame.f_back
        return None

    def frames(self) -> list[FrameType]:
        """All frames of the submission on the stack, innermost first, at most twenty."""
        found: list[FrameType] = []
        frame, filename = self.frame(), self.filename
        while frame is not None and len(found) < 20:
            if frame.f_code.co_filename == filename:
                found.append(frame)
            frame = frame.f_back
        return found

    def visit(self, frame: FrameType) -> tuple[int, int]:
        """The number of the expression that ``frame`` is evaluating, and how often it was before."""
        number = self.number(frame)
        before = self.visits[number]
        self.visits[number] = before + 1
        return number, before

    def number(self, frame: FrameType) -> int:
        """The number of the expression that ``frame`` is evaluating, its visits left alone."""
        key = (frame.f_code, frame.f_lasti)
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self._described)
            self._described.append(describe_site(frame, self._positions_in(frame.f_code)))
            self.visits.append(0)
        return number

    def _positions_in(self, code: CodeType) -> tuple[_Position, ...]:
        """Read as a whole: each is found by walking over all before it, and a loop asks for most of them."""
        known = self._positions.get(code)
        if known is None:
            known = self._positions[code] = tuple(islice(code.co_positions(), MOST_POSITIONS))
        return known

    def described(self) -> list[Plain]:
        """Every site as a ``records.Site``."""
        pairs = zip(self._described, self.visits, strict=True)
        return [{**site, "visits": visits} for site, visits in pairs]


def describe_site(frame: FrameType, positions: Sequence[_Position] | None = None) -> Plain:
    """Where the expression is that a frame is evaluating: a ``records.Site``, its visits left out.
    ``positions`` are those of the frame's code, where they are known."""
    code, at = frame.f_code, frame.f_lasti // 2
    if positions is None:
        positions = tuple(islice(code.co_positions(), at + 1))
    line, end_line, column, end_column = positions[at] if 0 <= at < len(positions) else (None,) * 4
    line = line or frame.f_lineno
    return {
        "line": line,
        "end_line": end_line or line,
        "column": column or 0,
        "end_column": end_column or 0,
        "function": code.co_name[:80],
    }


def traceback_frames(trace: TracebackType | None, filename: str) -> list[tuple[FrameType, int]]:
    """The submission's frames in a traceback with their lines, innermost first."""
    found: list[tuple[FrameType, int]] = []
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == filename:
            found.append((trace.tb_frame, trace.tb_lineno))
        trace = trace.tb_next
    return found[::-1]


def names_in(frames: list[FrameType], most: int = 64) -> list[tuple[str, torch.Tensor]]:
    """What the submission's frames call their tensors: plain names first, then ``p[0]``, ``m.w``.

    Outer frames come first: a helper's ``p`` is the caller's ``a``.
    """
    scopes = [dict(frame.f_locals) for frame in reversed(frames[:8])]
    if frames:
        scopes.append({k: v for k, v in frames[0].f_globals.items() if not k.startswith("__")})
    plain = [pair for scope in scopes for pair in scope.items() if _is_tensor(pair[1])]
    held = [pair for scope in scopes for name, value in scope.items() for pair in _held(name, value)]
    return (plain + held)[:most]


def scope_of(frames: list[FrameType]) -> dict[str, object]:
    """What the frames and the plain objects in them hold, by name; the outermost frame's word counts."""
    scope: dict[str, object] = {}
    for frame in frames[:8]:
        local = dict(frame.f_locals)
        scope |= {key: item for value in local.values() for key, item in attributes(value)} | local
    return scope


def _is_tensor(value: object) -> bool:
    return isinstance(value, torch.Tensor)


def _held(name: str, value: object) -> list[tuple[str, torch.Tensor]]:
    """The tensors in a list, a tuple, a dictionary, or the attributes of a plain object."""
    if type(value) in (list, tuple):
        pairs = [(f"{name}[{i}]", item) for i, item in enumerate(value[:8])]  # type: ignore[index]
    elif type(value) is dict:
        keys = [key for key in list(value)[:8] if type(key) is str]
        pairs = [(f"{name}[{key[:40]!r}]", value[key]) for key in keys]
    else:
        pairs = [(f"{name}.{key}", item) for key, item in attributes(value)]
    return [(label, item) for label, item in pairs if isinstance(item, torch.Tensor)]


def attributes(value: object) -> list[tuple[str, object]]:
    """The attributes of a plain object, its class's own code not asked."""
    if isinstance(value, (type, torch.nn.Module)) or type(value).__module__ == "builtins":
        return []
    try:
        attributes = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return []
    return list(attributes.items())[:8] if type(attributes) is dict else []
