"""Scales of pictures: numbers to pixels, whatever the numbers are. No pixel is outside of its picture."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from grader.report.wording import number

LEAST, MOST = 1e-12, 1e30
"""Sizes that are drawn; what is smaller or larger is drawn at the edge."""
LONG_RUN = 100
"""From so many steps on, the steps are drawn on a logarithmic scale: most happens in the first of them."""


@dataclass(frozen=True)
class Tick:
    """A mark of a scale, in pixels."""

    at: float
    label: str


@dataclass(frozen=True)
class Band:
    """A stretch of a scale, in pixels."""

    start: float
    end: float

    @property
    def width(self) -> float:
        return round(self.end - self.start, 1)


@dataclass(frozen=True)
class Axis:
    """A scale from ``low`` to ``high``, drawn from pixel ``start`` to pixel ``end``."""

    low: float
    high: float
    start: float
    end: float
    is_log: bool = False
    is_whole: bool = False
    """Its numbers are counted: there is nothing between 1 and 2."""

    def at(self, value: float) -> float:
        """The pixel of a finite ``value``, at the edge for one beyond it."""
        low, high = self._levels
        share = (self._level(value) - low) / (high - low) if high > low else 0.5
        return round(self.start + (self.end - self.start) * min(max(share, 0.0), 1.0), 1)

    @cached_property
    def _levels(self) -> tuple[float, float]:
        """Of both ends: a page asks for a thousand pixels."""
        return self._level(self.low), self._level(self.high)

    def holds(self, value: float) -> bool:
        """Whether a value is a finite number on the scale."""
        return math.isfinite(value) and self.low <= value <= self.high

    def ticks(self, most: int = 5) -> tuple[Tick, ...]:
        """At round numbers."""
        values = self._powers(most) if self.is_log else self._round(most)
        return tuple(Tick(self.at(value), _label(value)) for value in values)

    def _level(self, value: float) -> float:
        return math.log10(min(max(value, LEAST), MOST)) if self.is_log else min(max(value, -MOST), MOST)

    def _powers(self, most: int) -> list[float]:
        low, high = math.ceil(self._level(self.low) - 1e-9), math.floor(self._level(self.high) + 1e-9)
        stride = max(1, math.ceil((high - low) / (most - 1)))
        return [10.0**exponent for exponent in range(low, high + 1, stride)]

    def _round(self, most: int) -> list[float]:
        span = self.high - self.low
        if not span > 0:
            return [self.low]
        unit = 10.0 ** math.floor(math.log10(span / most))
        unit = max(unit, 1.0) if self.is_whole else unit
        step = next(unit * factor for factor in (1, 2, 5, 10, 20) if span / (unit * factor) <= most)
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [value * step for value in range(first, last + 1)]


def log_axis(values: Iterable[float], start: float, end: float) -> Axis:
    """Over whole powers of ten around the finite ``values``."""
    levels = [math.log10(min(max(value, LEAST), MOST)) for value in values if math.isfinite(value)] or [0.0]
    low, high = math.floor(min(levels)), math.ceil(max(levels))
    return Axis(10.0**low, 10.0 ** max(high, low + 1), start, end, is_log=True)


def linear_axis(values: Iterable[float], start: float, end: float, margin: float = 0.06) -> Axis:
    """Over the finite ``values``, with some room beside them."""
    finite = [min(max(value, -MOST), MOST) for value in values if math.isfinite(value)] or [0.0]
    low, high = min(finite), max(finite)
    room = (high - low) * margin or max(abs(high), 1.0) * 0.5
    return Axis(low - room, high + room, start, end)


def step_axis(steps: Sequence[int], start: float, end: float) -> Axis:
    """Over steps, which count from 1."""
    first, last = max(1, min(steps, default=1)), max(steps, default=1)
    last = min(max(last, first + 1), int(MOST))
    return Axis(first, last, start, end, is_log=last >= LONG_RUN, is_whole=True)


def path(points: Iterable[tuple[float, float]], x: Axis, y: Axis) -> str:
    """The points as the ``d`` of an SVG path; it is broken where one is no finite number."""
    parts: list[str] = []
    pen = "M"
    for across, up in points:
        if not (math.isfinite(across) and math.isfinite(up)):
            pen = "M"
            continue
        parts.append(f"{pen}{x.at(across):g} {y.at(up):g}")
        pen = "L"
    return "".join(parts)


def dots(points: Iterable[tuple[float, float]], x: Axis, y: Axis) -> str:
    """The points as the ``d`` of a path of dots, which a round pen draws."""
    inside = ((a, b) for a, b in points if x.holds(a) and y.holds(b))
    return "".join(f"M{x.at(across):g} {y.at(up):g}h0" for across, up in inside)


def bands(points: Iterable[tuple[float, float]], x: Axis) -> tuple[Band, ...]:
    """Where the points are no finite numbers, from the first to the last of each stretch."""
    found: list[Band] = []
    is_open = False
    for across, up in points:
        if math.isfinite(up):
            is_open = False
            continue
        start = found.pop().start if is_open else x.at(across)
        found.append(Band(start, max(x.at(across), start + 2)))
        is_open = True
    return tuple(found)


def apart(wanted: Sequence[float], top: float, bottom: float, gap: float = 16) -> list[float]:
    """Heights for labels, near to those wanted, and none over another."""
    placed: dict[int, float] = {}
    lowest = top - gap
    for index in sorted(range(len(wanted)), key=lambda i: wanted[i]):
        lowest = placed[index] = max(wanted[index], lowest + gap)
    limit = bottom
    for index in sorted(placed, key=lambda i: -placed[i]):
        placed[index] = min(placed[index], limit)
        limit = placed[index] - gap
    return [round(placed[index], 1) for index in range(len(wanted))]


def _label(value: float) -> str:
    if value and not 1e-3 < abs(value) < 1e5:
        mantissa, exponent = f"{value:.0e}".split("e")
        return f"{mantissa}e{int(exponent)}"
    return number(value)
