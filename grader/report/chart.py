"""A loss curve as points of a small picture on a log scale, and the same in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from grader.report.wording import number

WIDTH, HEIGHT = 300, 120
LEFT, RIGHT, TOP, BOTTOM = 40, 8, 8, 20
_FLOOR, _CEILING = 1e-12, 1e30
_MOST_POINTS = 200
_MOST_TICKS = 4

Loss = Sequence[tuple[int, float]]


@dataclass(frozen=True)
class Tick:
    """A horizontal line at a power of ten."""

    y: float
    label: str


@dataclass(frozen=True)
class Chart:
    """What the template draws: one polyline, its scale, and where it left the scale."""

    points: str
    ticks: tuple[Tick, ...]
    first: str
    last: str
    lost: tuple[float, ...]
    """The abscissae of losses that were no finite number."""
    text: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


def chart(loss: Loss) -> Chart | None:
    """The curve of ``loss``; None where there are not two points to draw it through."""
    shown = _thinned(loss)
    finite = [(step, _level(value)) for step, value in shown if math.isfinite(value)]
    if len(finite) < 2:
        return None
    low = math.floor(min(level for _, level in finite))
    span = max(math.ceil(max(level for _, level in finite)) - low, 1)
    stride = math.ceil(span / _MOST_TICKS)
    high = low + stride * math.ceil(span / stride)
    first, last = shown[0][0], shown[-1][0]

    def x(step: int) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (step - first) / max(last - first, 1), 1)

    def y(level: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (high - level) / (high - low), 1)

    return Chart(
        points=" ".join(f"{x(step)},{y(level)}" for step, level in finite),
        ticks=tuple(Tick(y(n), _power(n)) for n in range(low, high + 1, stride)),
        first=str(first),
        last=str(last),
        lost=tuple(x(step) for step, value in shown if not math.isfinite(value)),
        text=in_words(loss),
    )


def in_words(loss: Loss) -> str:
    """The curve for those who cannot see it: where it began, where it ended, its least value."""
    if not loss:
        return "No loss was recorded."
    (first, begin), (last, end) = loss[0], loss[-1]
    words = f"Loss {number(begin)} at step {first}, {number(end)} at step {last}."
    least = min((pair for pair in loss if math.isfinite(pair[1])), key=lambda p: p[1], default=None)
    if least is not None and least[1] < end and number(least[1]) != number(end):
        words += f" Its least was {number(least[1])}, at step {least[0]}."
    lost = next((step for step, value in loss if not math.isfinite(value)), None)
    return words + (f" It was no finite number at step {lost}." if lost is not None else "")


def _thinned(loss: Loss) -> Loss:
    stride = math.ceil(len(loss) / _MOST_POINTS) or 1
    return [*loss[::stride], loss[-1]] if stride > 1 else loss


def _level(value: float) -> float:
    return math.log10(min(max(value, _FLOOR), _CEILING))


def _power(exponent: int) -> str:
    return number(10.0**exponent) if -4 < exponent < 5 else f"1e{exponent}"
