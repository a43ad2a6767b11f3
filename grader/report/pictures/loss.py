"""The loss over the steps, beside the noise floor and plain gradient descent."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from grader.records import Picture, RunResult
from grader.report.pictures.axes import Axis, bands, log_axis, path, step_axis
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
    step_label,
)
from grader.report.wording import number


def loss_drawing(run: RunResult, picture: Picture) -> Drawing | None:
    """The picture; None where no finite loss was seen."""
    curves = [
        ("own", "your loss", run.loss),
        ("error", "its MSE", picture.error),
        ("other", "plain descent", picture.descent),
    ]
    drawn = [(kind, label, curve) for kind, label, curve in curves if _is_curve(curve)]
    if not drawn or not _has_finite(run.loss):
        return None
    floor = picture.noise_floor
    x = step_axis([step for *_, curve in drawn for step, _ in curve], LEFT, WIDTH - RIGHT)
    values = [value for *_, curve in drawn for _, value in curve]
    y = log_axis([*values, *([floor] if floor is not None else [])], HEIGHT - BOTTOM, TOP)
    lines = [Line(kind, _drawn(curve, x, y), label, _end(curve, y)) for kind, label, curve in drawn]
    if floor is not None:
        across = path([(x.low, floor), (x.high, floor)], x, y)
        lines.append(Line("floor", across, "noise floor", y.at(floor)))
    frame = Figure(
        x_ticks=x.ticks(), y_ticks=y.ticks(), lines=labelled(lines[::-1]),
        lost=bands(run.loss, x),
    )  # fmt: skip
    words = " ".join(_loss_words(run, picture))
    return Drawing("Loss", "The loss over the steps", words, (frame,), step_label(x))


def _loss_words(run: RunResult, picture: Picture) -> Iterator[str]:
    (first, begin), (last, end) = run.loss[0], run.loss[-1]
    if first == last:
        yield f"Your loss was {number(begin)} at step {first}; no later one was seen."
    else:
        yield f"Your loss was {number(begin)} at step {first} and {number(end)} at step {last}."
    lost = next((step for step, value in run.loss if not math.isfinite(value)), None)
    if lost is not None:
        yield f"It was no finite number at step {lost}."
    if picture.error:
        yield (
            "That is not the mean squared error of your parameters on the data, which went from"
            f" {number(picture.error[0][1])} to {number(picture.error[-1][1])}."
        )
    if picture.noise_floor is not None:
        yield (
            f"The noise floor, which no parameters get below on these data, is {number(picture.noise_floor)}."
        )
    if picture.descent:
        start = "from zero" if picture.descent_from_zero else "from where you began"
        step, value = picture.descent[-1]
        yield f"Plain gradient descent {start}, at the same rate, has {number(value)} at step {step}."


def _drawn(curve: Sequence[tuple[int, float]], x: Axis, y: Axis) -> str:
    """The curve; one point is a dot."""
    finite = [pair for pair in curve if math.isfinite(pair[1])]
    return path(curve, x, y) if len(finite) > 1 else path(finite, x, y) + "h0"


def _is_curve(curve: Sequence[tuple[int, float]]) -> bool:
    return len(curve) > 0 and _has_finite(curve)


def _has_finite(curve: Sequence[tuple[int, float]]) -> bool:
    return any(math.isfinite(value) for _, value in curve)


def _end(curve: Sequence[tuple[float, float]], y: Axis) -> float:
    return y.at(next(value for _, value in reversed(curve) if math.isfinite(value)))
