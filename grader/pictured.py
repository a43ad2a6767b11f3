"""What the pictures of a run are drawn from, made of its evidence: small, and free of opinions."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from grader.descent import descent
from grader.evidence import Evidence, FitEvidence
from grader.forward_graph import forward_graph
from grader.motion import steady_rate
from grader.records import DrawnNumber, Finding, Picture, Slot

DIGITS = 5
MOST_NUMBERS = 6
MOST_STEPS = 80
FIRST_PASSES = 8
MOST_POINTS = 200
DESCENT_POINTS = 40
SAME_LOSS = 0.01
"""A loss within this share of the mean squared error is the mean squared error."""

Curve = Sequence[tuple[int, float]]
T = TypeVar("T")


def pictured(runs: Sequence[Evidence], findings: Sequence[Finding]) -> dict[int, Picture]:
    """The pictures, by the index of their run: of the first run of each function; of the one that the first
    error is about; and of the first one on another device that came out otherwise than at home."""
    return {index: picture(runs[index]) for index in _chosen(runs, findings)}


def picture(run: Evidence) -> Picture:
    """What one run is drawn from."""
    graph, left_out = forward_graph(run)
    drawn = Picture(graph=graph, graph_left_out=left_out)
    return drawn.model_copy(update=_fit_drawn(run)) if isinstance(run, FitEvidence) else drawn


def _chosen(runs: Sequence[Evidence], findings: Sequence[Finding]) -> list[int]:
    firsts: dict[str | None, int] = {}
    for index, run in enumerate(runs):
        firsts.setdefault(run.request.entry, index)
    chosen = list(firsts.values())
    cause = next((finding for finding in findings if finding.severity == "error"), None)
    if cause is not None:
        chosen += _of(cause, runs)
    home = runs[0].request.device if runs else None
    away = (i for i, run in enumerate(runs) if run.request.device != home)
    chosen += [i for i in away if runs[i].is_right != runs[firsts[runs[i].request.entry]].is_right][:1]
    return sorted(index for index in set(chosen) if _shows_something(runs[index]))


def _shows_something(run: Evidence) -> bool:
    return bool(run.passes) or (isinstance(run, FitEvidence) and run.recovered is not None)


def _of(finding: Finding, runs: Sequence[Evidence]) -> list[int]:
    where = (finding.device, finding.seed)
    same = [i for i, run in enumerate(runs) if (run.request.device, run.request.seed) == where]
    return [i for i in same if finding.entry in (None, runs[i].request.entry)][:1]


def _fit_drawn(run: FitEvidence) -> dict[str, object]:
    numbers = tuple(_numbers(run))[:MOST_NUMBERS]
    floor = run.fit.loss(run.fit.expected)
    start, from_zero = _start(numbers, run.fit.size)
    rate = run.fit.lr if run.fit.lr is not None else steady_rate(run)
    steps = run.fit.steps or run.pass_count
    curve = descent(run.fit, start, rate, _spread(steps)) if rate is not None and steps else []
    return {
        "steps": _steps(run),
        "numbers": tuple(number.drawn for number in numbers),
        "noise_floor": None if floor is None else _short(floor),
        "descent": _shortened(curve),
        "descent_from_zero": bool(curve) and from_zero,
        "error": _error(run, numbers),
        "x": _points(run.fit.x),
        "y": _points(run.fit.y),
        "powers": run.fit.model.powers if run.fit.x is not None else (),
    }


# --- parameters ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Number:
    place: int | None
    """Which of the fitted numbers it is."""
    first: float
    drawn: DrawnNumber


def _steps(run: FitEvidence) -> tuple[int, ...]:
    shown = _thinned([backward.step for backward in run.passes])
    return (*shown, run.pass_count + 1) if shown else ()


def _numbers(run: FitEvidence) -> Iterator[_Number]:
    """Every number of every parameter, in the order of the fitted ones where that is known."""
    found = [number for slot in run.slots for number in _of_slot(run, slot)]
    yield from sorted(found, key=lambda number: math.inf if number.place is None else number.place)


def _of_slot(run: FitEvidence, slot: Slot) -> Iterator[_Number]:
    names, first = run.fit.names, _place(run, slot)
    known = {step.number: step.state for step in run.steps_of(slot)}
    size = math.prod(slot.shape)
    early = [known[step] for step in sorted(known)[:FIRST_PASSES]]
    for at in range(min(size, MOST_NUMBERS)):
        place = first + at if first is not None and first + at < len(names) else None
        values = [_at(known[step].value if step in known else None, at) for step in _steps(run)[:-1]]
        name = run.name_of(slot) if size == 1 else f"{run.name_of(slot)}[{at}]"
        yield _Number(
            place,
            next(iter(values), math.nan),
            DrawnNumber(
                name=name[:40],
                values=_shorts([*values, _at(slot.final, at)]),
                target=None if place is None else _short(run.fit.expected[place]),
                fresh=_shorts(_at(state.fresh, at) for state in early),
                stale=_shorts(_at(state.carried, at, 0.0) for state in early),
            ),
        )


def _place(run: FitEvidence, slot: Slot) -> int | None:
    """The place of a parameter's first number among the fitted ones: as it was handed back, else by name."""
    place = 0
    for view in run.answer_tensors:
        if view.id in slot.tensors:
            return place
        place += view.numel
    named = slot.name in run.fit.names
    if not named and len(run.slots) == 1 and math.prod(slot.shape) == run.fit.size:
        return 0
    return run.fit.names.index(slot.name) if named and slot.name else None


def _at(values: Sequence[float] | None, index: int, otherwise: float = math.nan) -> float:
    return values[index] if values is not None and index < len(values) else otherwise


def _start(numbers: Sequence[_Number], size: int) -> tuple[list[float], bool]:
    """Where gradient descent begins: where the run did, or at zero where that is not known."""
    known = {n.place: n.first for n in numbers if n.place is not None and math.isfinite(n.first)}
    if len(known) == size:
        return [known[place] for place in range(size)], False
    return [0.0] * size, True


# --- curves and points --------------------------------------------------------------------------


def _error(run: FitEvidence, numbers: Sequence[_Number]) -> tuple[tuple[int, float], ...]:
    """The mean squared error of the run's parameters; empty where that was the run's own loss, too."""
    by_place = {number.place: number.drawn.values for number in numbers if number.place is not None}
    if len(by_place) != run.fit.size:
        return ()
    own = dict(run.losses)
    curve = []
    for at, step in enumerate(_steps(run)[:-1]):
        error = run.fit.loss([by_place[place][at] for place in range(run.fit.size)])
        if error is not None and math.isfinite(error):
            curve.append((step, error))
    if all(_is_like(own.get(step), error) for step, error in curve[:3]):
        return ()
    return _shortened(curve)


def _is_like(loss: float | None, error: float) -> bool:
    return loss is None or math.isclose(loss, error, rel_tol=SAME_LOSS, abs_tol=1e-9)


def _spread(steps: int) -> list[int]:
    """Steps from 1 to ``steps``, nearer to each other where more happens: at the beginning."""
    last = math.log(max(steps, 1))
    return sorted({round(math.exp(last * i / (DESCENT_POINTS - 1))) for i in range(DESCENT_POINTS)})


def _points(values: Iterable[float] | None) -> tuple[float, ...]:
    return _shorts(_thinned(list(values), MOST_POINTS)) if values is not None else ()


def _thinned(items: Sequence[T], most: int = MOST_STEPS) -> list[T]:
    """At most ``most`` of them: the first, the last, and evenly between."""
    if len(items) <= most:
        return list(items)
    return [items[round(i * (len(items) - 1) / (most - 1))] for i in range(most)]


def _shortened(curve: Curve) -> tuple[tuple[int, float], ...]:
    return tuple((step, _short(value)) for step, value in curve)


def _shorts(values: Iterable[float]) -> tuple[float, ...]:
    return tuple(_short(value) for value in values)


def _short(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
