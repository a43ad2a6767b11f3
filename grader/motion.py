"""How parameters moved, held against the gradients that were there: questions on a run's numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from grader.evidence import FitEvidence, Step

ALIGNED = 1e-5
"""How far from 1 the cosine of two vectors may be that are called aligned."""
VISIBLE = 1e-3
"""A move smaller than this, against the value moved, says nothing of its direction in float32."""
SAME_RATE = 0.02
PARALLEL = 0.99
"""Gradients whose cosine is at least this, or at most its negative, are those of one loss, up to a factor."""
ARRIVED = 1.001
"""A loss within this factor of the least possible one has arrived."""
SIGNIFICANT = 1e-3
"""A gradient smaller than this may move a float32 parameter by less than its last digit."""


@dataclass(frozen=True)
class Move:
    """All parameters at one step, their numbers joined: what was fresh, what lay in ``.grad``, and how
    they moved."""

    number: int
    value: tuple[float, ...]
    fresh: tuple[float, ...]
    grad: tuple[float, ...]
    moved: tuple[float, ...]


def moves(run: FitEvidence) -> tuple[Move, ...]:
    """The recorded steps at which every parameter's gradient and move are known."""
    per_slot = [{step.number: step for step in run.steps_of(slot)} for slot in run.slots]
    if not per_slot:
        return ()
    numbers = sorted(set.intersection(*(set(steps) for steps in per_slot)))
    found = (_join(number, [steps[number] for steps in per_slot]) for number in numbers)
    return tuple(move for move in found if move is not None)


def _join(number: int, steps: Sequence[Step]) -> Move | None:
    value: list[float] = []
    fresh: list[float] = []
    grad: list[float] = []
    moved: list[float] = []
    for step in steps:
        state = step.state
        if state.value is None or state.fresh is None or step.moved is None:
            return None
        value += state.value
        fresh += state.fresh
        grad += state.grad_after or state.fresh
        moved += step.moved
    return Move(number, tuple(value), tuple(fresh), tuple(grad), tuple(moved))


def trained_numbers(run: FitEvidence) -> tuple[float, ...]:
    """The numbers that the trained parameters ended at, in the order in which they were met."""
    return tuple(number for slot in run.slots for number in slot.final or ())


def follows_fresh(run: FitEvidence, number: int) -> bool:
    """Whether the move at a step went along that step's own gradient, whatever lay in ``.grad``. A move
    that is too small to tell is given the benefit of the doubt."""
    known = moves(run)
    move = next((move for move in known if move.number == number), None)
    if move is None:
        return False
    if largest(move.moved) < VISIBLE * max(1.0, largest(move.value)):
        return True
    if len(move.fresh) > 1:
        return aligned(move.moved, [-g for g in move.fresh])
    first = known[0]
    if not first.fresh[0] or not move.fresh[0]:
        return False
    rate, rate_first = move.moved[0] / move.fresh[0], first.moved[0] / first.fresh[0]
    return math.isclose(rate, rate_first, rel_tol=SAME_RATE)


def largest(values: Sequence[float]) -> float:
    """The largest absolute value; 0 for none."""
    return max((abs(value) for value in values), default=0.0)


def aligned(one: Sequence[float], other: Sequence[float]) -> bool:
    """Whether two vectors point the same way."""
    cosine = cosine_of(one, other)
    return cosine is not None and cosine > 1 - ALIGNED


def cosine_of(one: Sequence[float], other: Sequence[float]) -> float | None:
    """The cosine of the angle between two vectors; None where one is zero or not finite."""
    lengths = math.hypot(*one) * math.hypot(*other)
    if not lengths or not math.isfinite(lengths):
        return None
    cosine = sum(a * b for a, b in zip(one, other, strict=True)) / lengths
    return max(-1.0, min(1.0, cosine))  # the smallest floats are rounded past it


def rate(run: FitEvidence) -> float | None:
    """The learning rate that the first recorded moves used: the median of -moved / fresh."""
    ratios = _ratios(run)
    return sorted(ratios)[len(ratios) // 2] if ratios else None


def _ratios(run: FitEvidence) -> list[float]:
    return [
        -moved / fresh
        for move in moves(run)[:8]
        for moved, fresh in zip(move.moved, move.fresh, strict=True)
        if abs(fresh) > SIGNIFICANT and math.isfinite(moved) and math.isfinite(fresh)
    ]


def steady_rate(run: FitEvidence) -> float | None:
    """The learning rate of the first recorded moves, where all of them used the same one."""
    ratios = _ratios(run)
    middle = rate(run)
    if middle is None or not all(math.isclose(ratio, middle, rel_tol=SAME_RATE) for ratio in ratios):
        return None
    return middle


def gradient_factor(run: FitEvidence) -> float | None:
    """How many times the mean squared error's gradient the submission's was at its first step; None where
    the two do not point the same way, or the data are not known."""
    first = next(iter(moves(run)), None)
    true = run.fit.gradient(first.value) if first else None
    if first is None or true is None or (cosine_of(true, first.fresh) or 0.0) < 0.999:
        return None
    return math.hypot(*first.fresh) / math.hypot(*true)


def stable_rate(run: FitEvidence) -> float | None:
    """The largest learning rate at which gradient descent on these data converges: 2 over the largest
    eigenvalue of the Hessian of the mean squared error, (2/N) XᵀX."""
    import numpy as np

    if run.fit.x is None:
        return None
    design = run.fit.model.design(run.fit.x)
    hessian = 2.0 / len(run.fit.x) * design.T @ design
    return 2.0 / float(np.linalg.eigvalsh(hessian)[-1])


def is_descent(run: FitEvidence) -> bool:
    """Whether the recorded steps went down the mean squared error of the data: fresh gradients were its
    gradient (up to a positive factor), moves went against them, and the loss at the end is lower, though not
    yet the least possible."""
    known = [move for move in moves(run) if largest(move.fresh) > SIGNIFICANT]
    if not known or run.recovered is None:
        return False
    early = known[:6]
    downhill = all((cosine_of(m.moved, m.fresh) or 0.0) < 0 for m in early)
    return downhill and all(is_true_gradient(run, m) for m in early) and _is_lower(run, known[0])


def is_true_gradient(run: FitEvidence, move: Move) -> bool:
    """Whether a step's fresh gradient points where the mean squared error's does; True where the data
    are not known."""
    true = run.fit.gradient(move.value) if len(move.value) == run.fit.size else None
    if true is None:
        return True
    cosine = cosine_of(sorted(true), sorted(move.fresh))
    return cosine is not None and cosine > 0.999


def _is_lower(run: FitEvidence, first: Move) -> bool:
    """Whether the loss at the end is below that at the start, and not yet the least possible. The mean
    squared error counts where it is known, and not what the submission made of it."""
    start, end = run.fit.loss(first.value), run.fit.loss(run.recovered or ())
    least = run.fit.loss(run.fit.expected)
    if start is not None and end is not None and least is not None:
        return ARRIVED * least < end < start
    return bool(run.losses) and run.losses[-1][1] < run.losses[0][1]


def direction(run: FitEvidence, move: Move, place: int) -> int:
    """Which way one number of a parameter went, against the mean squared error: -1 down, 1 up, 0 where the
    move was no multiple of its fresh gradient, too small to tell, or where the loss was another one.

    The factor is the run's learning rate where that is known, or one that other numbers share.
    """
    fresh, moved = move.fresh[place], move.moved[place]
    true = run.fit.gradient(move.value) if len(move.value) == run.fit.size else None
    slope = fresh if true is None else true[place]
    if true is not None and abs(cosine_of(true, move.fresh) or 0.0) < PARALLEL:
        return 0
    if abs(fresh) < SIGNIFICANT or abs(moved) < VISIBLE * max(1.0, abs(move.value[place])):
        return 0
    factor = abs(moved / fresh)
    known = [f for f in (run.fit.lr, rate(run), *_factors_beside(move, place)) if f]
    if known and not any(math.isclose(factor, abs(f), rel_tol=SAME_RATE) for f in known):
        return 0
    return 1 if moved * slope > 0 else -1


def _factors_beside(move: Move, place: int) -> list[float]:
    """The factors between move and gradient of a step's other numbers."""
    pairs = enumerate(zip(move.moved, move.fresh, strict=True))
    return [moved / fresh for i, (moved, fresh) in pairs if i != place and abs(fresh) > SIGNIFICANT]
