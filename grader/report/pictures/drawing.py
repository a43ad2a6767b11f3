"""What a picture of numbers consists of: frames with scales, curves and bars, and the same in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.report.pictures.axes import Axis, Band, Tick, apart

WIDTH, HEIGHT = 460, 260
LEFT, RIGHT, TOP, BOTTOM = 48, 118, 12, 34
ROW = 84
"""The height of one of several frames below each other."""


@dataclass(frozen=True)
class Line:
    """A curve, and the label at its end. ``kind`` is a class of the style sheet."""

    kind: str
    d: str
    label: str = ""
    label_y: float = 0.0


@dataclass(frozen=True)
class Bar:
    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Figure:
    """One frame with its scales and what is drawn in it; ``name`` stands at its top left."""

    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    lines: tuple[Line, ...]
    bars: tuple[Bar, ...] = ()
    lost: tuple[Band, ...] = ()
    """Where there was no finite number."""
    name: str = ""
    height: int = HEIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM
    width: int = WIDTH
    left: int = LEFT
    right: int = WIDTH - RIGHT


@dataclass(frozen=True)
class Drawing:
    """A picture of one frame or of several below each other, and the same in words."""

    title: str
    label: str
    """What it is a picture of, for who cannot see it; ``words`` say what is in it."""
    words: str
    frames: tuple[Figure, ...]
    x_label: str
    legend: tuple[tuple[str, str], ...] = ()
    """``(class, words)`` where a label at the thing itself has no room."""
    table: tuple[tuple[str, ...], ...] = ()
    """The numbers behind it, below a row of headings."""


def labelled(lines: Sequence[Line], top: float = TOP, bottom: float = HEIGHT - BOTTOM) -> tuple[Line, ...]:
    """The lines, their labels moved apart."""
    named = [line for line in lines if line.label]
    heights = dict(zip(map(id, named), apart([line.label_y for line in named], top + 4, bottom), strict=True))
    return tuple(
        Line(line.kind, line.d, line.label, heights[id(line)]) if line.label else line for line in lines
    )


def step_label(x: Axis) -> str:
    """What stands below a scale of steps."""
    return "step, on a logarithmic scale" if x.is_log else "step"
