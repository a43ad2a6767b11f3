"""The data of a fit, with the fitted curve and the true one."""

from __future__ import annotations

import math
from collections.abc import Sequence

from grader.records import Picture, RunResult
from grader.report.pictures.axes import Axis, dots, linear_axis, path
from grader.report.pictures.drawing import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Drawing,
    Figure,
    Line,
    labelled,
)
from grader.report.wording import number
from grader.words import listing, plural

CURVE_POINTS = 80


def data_drawing(run: RunResult, picture: Picture) -> Drawing | None:
    """The picture; None where the data are not known."""
    pairs = zip(picture.x, picture.y, strict=False)
    points = [(a, b) for a, b in pairs if math.isfinite(a) and math.isfinite(b)]
    if not points:
        return None
    x = linear_axis([a for a, _ in points], LEFT, WIDTH - RIGHT, margin=0.02)
    heights = [b for _, b in points]
    y = linear_axis([*heights, *_near(heights, run, picture, x)], HEIGHT - BOTTOM, TOP, margin=0.15)
    curves = [("other", "the truth", run.truth), ("own", "your fit", run.recovered)]
    lines = [Line("points", dots(points, x, y))]
    for kind, label, parameters in curves:
        line = _curve(kind, label, parameters, picture.powers, x, y)
        lines += [line] if line else []
    frame = Figure(x_ticks=x.ticks(), y_ticks=y.ticks(), lines=labelled(lines))
    label = "The data, the fitted curve and the true one"
    return Drawing("Data and fit", label, _data_words(run, points), (frame,), "x")


def _near(heights: Sequence[float], run: RunResult, picture: Picture, x: Axis) -> list[float]:
    """What the fitted curve reaches: room is made for it as far as the data are high once more."""
    if not run.recovered or len(run.recovered) != len(picture.powers):
        return []
    low, high = min(heights), max(heights)
    reached = [_model(run.recovered, picture.powers, a) for a in _across(x)]
    return [b for b in reached if low - (high - low) <= b <= high + (high - low)]


def _across(x: Axis) -> list[float]:
    return [x.low + (x.high - x.low) * i / (CURVE_POINTS - 1) for i in range(CURVE_POINTS)]


def _curve(
    kind: str, label: str, parameters: Sequence[float] | None, powers: Sequence[int], x: Axis, y: Axis
) -> Line | None:
    """The model's curve as far as it is in the frame; None where it is nowhere in it."""
    if not parameters or len(parameters) != len(powers):
        return None
    points = [(a, _model(parameters, powers, a)) for a in _across(x)]
    inside = [(a, b if y.holds(b) else math.nan) for a, b in points]
    seen = [pair for pair in inside if math.isfinite(pair[1])]
    return Line(kind, path(inside, x, y), label, y.at(seen[-1][1])) if seen else None


def _model(parameters: Sequence[float], powers: Sequence[int], x: float) -> float:
    try:
        return math.fsum(p * x**k for p, k in zip(parameters, powers, strict=True))
    except (OverflowError, ValueError):
        return math.nan


def _data_words(run: RunResult, points: Sequence[tuple[float, float]]) -> str:
    words = f"{plural(len(points), 'point')}, x from {number(points[0][0])} to {number(points[-1][0])}."
    told = [("made from", run.truth), ("your fit", run.recovered)]
    for what, values in told:
        if values:
            names = run.names if len(run.names) == len(values) else [f"#{i + 1}" for i in range(len(values))]
            pairs = [f"{name} = {number(value)}" for name, value in zip(names, values, strict=True)]
            words += f" {what[:1].upper()}{what[1:]}: {listing(pairs)}."
    if run.recovered and not all(map(math.isfinite, run.recovered)):
        words += " Your fit is no finite curve, and is not drawn."
    return words
