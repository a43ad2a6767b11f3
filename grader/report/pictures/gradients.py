"""Fresh and stale gradient over the first steps."""

from __future__ import annotations

import math
from collections.abc import Sequence

from grader.records import DrawnNumber, Picture
from grader.report.pictures.axes import Axis, Band, Tick, linear_axis
from grader.report.pictures.drawing import BOTTOM, LEFT, RIGHT, ROW, WIDTH, Bar, Drawing, Figure, Line
from grader.report.wording import number

NOTHING_STALE = "No gradient was left over from earlier steps."


def gradient_drawing(picture: Picture) -> Drawing | None:
    """The picture; None where no gradient was seen."""
    numbers = [n for n in picture.numbers if any(map(math.isfinite, (*n.fresh, *n.stale)))]
    passes = max((len(n.fresh) for n in numbers), default=0)
    if not passes:
        return None
    frames = tuple(
        _gradient(drawn, passes, is_last=index == len(numbers) - 1) for index, drawn in enumerate(numbers)
    )
    stale = any(_stale_steps(drawn) for drawn in numbers)
    legend: tuple[tuple[str, str], ...] = (("fresh", "fresh: what this backward pass computed"),)
    if stale:
        legend += (("stale", "stale: still in `.grad` from before the last update"),)
    return Drawing(
        "Gradients",
        "Fresh and stale gradient over the first steps",
        " ".join(map(_gradient_words, numbers)) if stale else NOTHING_STALE,
        frames, "step", legend, _gradient_table(numbers, passes),
    )  # fmt: skip


def _gradient(drawn: DrawnNumber, passes: int, is_last: bool) -> Figure:
    top, bottom = 8, ROW - 8
    y = linear_axis([0.0, *drawn.fresh, *drawn.stale], bottom, top)
    slot = (WIDTH - RIGHT - LEFT) / passes
    width = round(min(slot * 0.32, 18), 1)
    bars, lost = [], []
    for step, (fresh, stale) in enumerate(zip(drawn.fresh, drawn.stale, strict=False)):
        middle = LEFT + slot * (step + 0.5)
        bars += [_bar("fresh", middle - width, width, fresh, y)] if math.isfinite(fresh) else []
        bars += [_bar("stale", middle, width, stale, y)] if math.isfinite(stale) and stale else []
        if not (math.isfinite(fresh) and math.isfinite(stale)):
            lost.append(Band(middle - width, middle + width))
    ticks = (Tick(round(LEFT + slot * (step + 0.5), 1), str(step + 1)) for step in range(passes))
    zero = Line("zero", f"M{LEFT} {y.at(0):g}H{WIDTH - RIGHT}")
    return Figure(
        x_ticks=tuple(ticks) if is_last else (), y_ticks=y.ticks(3), lines=(zero,), bars=tuple(bars),
        name=drawn.name, height=ROW + (BOTTOM - 8 if is_last else 0), top=top, bottom=bottom,
        lost=tuple(lost),
    )  # fmt: skip


def _bar(kind: str, x: float, width: float, value: float, y: Axis) -> Bar:
    at, zero = y.at(value), y.at(0.0)
    return Bar(kind, round(x, 1), min(at, zero), width, round(max(abs(at - zero), 0.8), 1))


def _stale_steps(drawn: DrawnNumber) -> list[int]:
    pairs = zip(drawn.fresh, drawn.stale, strict=False)
    return [step for step, (_, stale) in enumerate(pairs, 1) if stale]


def _gradient_words(drawn: DrawnNumber) -> str:
    steps = _stale_steps(drawn)
    if not steps:
        return f"`{drawn.name}.grad`: nothing left over."
    first = steps[0]
    return (
        f"`{drawn.name}.grad` at step {first}: {number(drawn.fresh[first - 1])} fresh,"
        f" {number(drawn.stale[first - 1])} left over; so at {len(steps)} of these {len(drawn.stale)} steps."
    )


def _gradient_table(numbers: Sequence[DrawnNumber], passes: int) -> tuple[tuple[str, ...], ...]:
    heads = ("step", *(f"{drawn.name} {kind}" for drawn in numbers for kind in ("fresh", "stale")))
    rows = [
        (str(step + 1), *(_cell(values, step) for drawn in numbers for values in (drawn.fresh, drawn.stale)))
        for step in range(passes)
    ]
    return (heads, *rows)


def _cell(values: Sequence[float], index: int) -> str:
    return number(values[index]) if index < len(values) else "–"
