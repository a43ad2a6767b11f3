"""The path of each number of each parameter to the least-squares answer."""

from __future__ import annotations

import math
from collections.abc import Sequence

from grader.records import DrawnNumber, Picture
from grader.report.pictures.axes import Axis, bands, linear_axis, path, step_axis
from grader.report.pictures.drawing import (
    BOTTOM,
    LEFT,
    RIGHT,
    ROW,
    WIDTH,
    Drawing,
    Figure,
    Line,
    labelled,
    step_label,
)
from grader.report.wording import coefficient, number

FAR = 20.0
"""A parameter that goes so many times further away than it began is followed to the edge only."""


def parameter_drawing(picture: Picture) -> Drawing | None:
    """The picture; None where no parameter was seen to move or stand."""
    numbers = [n for n in picture.numbers if any(map(math.isfinite, n.values)) and len(n.values) > 1]
    if not numbers or len(picture.steps) < 2:
        return None
    x = step_axis(picture.steps, LEFT, WIDTH - RIGHT)
    frames = tuple(
        _path(number_, picture.steps, x, is_last=index == len(numbers) - 1)
        for index, number_ in enumerate(numbers)
    )
    words = " ".join(_path_words(number_) for number_ in numbers)
    return Drawing("Parameters", "The path of each parameter", words, frames, step_label(x))


def _path(drawn: DrawnNumber, steps: Sequence[int], x: Axis, is_last: bool) -> Figure:
    top, bottom = 8, ROW - 8
    y = linear_axis(_seen(drawn), bottom, top, margin=0.12)
    points = list(zip(steps, drawn.values, strict=False))
    inside = [(step, min(max(value, y.low), y.high)) for step, value in points if math.isfinite(value)]
    last = inside[-1][1]
    lines = []
    if drawn.target is not None and math.isfinite(drawn.target):
        across = path([(x.low, drawn.target), (x.high, drawn.target)], x, y)
        lines.append(Line("floor", across, f"best {coefficient(drawn.target)}", y.at(drawn.target)))
    ends = next(value for value in reversed(drawn.values) if math.isfinite(value))
    lines.append(Line("own", path(inside, x, y), f"yours {coefficient(ends)}", y.at(last)))
    return Figure(
        x_ticks=x.ticks() if is_last else (), y_ticks=y.ticks(3), lines=labelled(lines, top + 12, bottom),
        name=drawn.name, height=ROW + (BOTTOM - 8 if is_last else 0), top=top, bottom=bottom,
        lost=bands(points, x),
    )  # fmt: skip


def _seen(drawn: DrawnNumber) -> list[float]:
    """The values that the scale is made for: not those of a run away, which would flatten all others."""
    finite = [value for value in drawn.values if math.isfinite(value)]
    target = drawn.target if drawn.target is not None and math.isfinite(drawn.target) else finite[0]
    reach = FAR * max(abs(finite[0] - target), 1.0)
    near = [value for value in finite if abs(value - target) <= reach]
    return [*near, target, finite[0]] if len(near) == len(finite) else [*near, target - reach, target + reach]


def _path_words(drawn: DrawnNumber) -> str:
    finite = [value for value in drawn.values if math.isfinite(value)]
    words = f"`{drawn.name}` went from {number(finite[0])} to {number(drawn.values[-1])}"
    if drawn.target is None or not math.isfinite(drawn.target):
        return f"{words}."
    return f"{words}; the best for these data is {number(drawn.target)}."
