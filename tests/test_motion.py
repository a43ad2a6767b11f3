"""How parameters moved, held against the gradients that were there."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.evidence import FitEvidence
from grader.motion import (
    aligned,
    cosine_of,
    follows_fresh,
    is_descent,
    is_true_gradient,
    largest,
    moves,
    rate,
    stable_rate,
)
from tests.traces import Story, a_fit, back, number_back, slot, state, view

X = np.linspace(-1, 1, 50)
Y = 2.0 * X + 1.0 + 0.05 * np.sin(37 * X)  # the best loss is not zero
FIT = a_fit(x=X, y=Y)


def descent(steps: int = 12, lr: float = 0.3, *, sign: float = -1.0, carry: bool = False) -> FitEvidence:
    """A run of gradient descent (or ascent), its gradient cleared or carried."""
    story = Story()
    here, held, before = np.zeros(2), np.zeros(2), np.zeros(2)
    for step in range(steps):
        fresh = np.array(FIT.gradient(here.tolist()))
        held = held + fresh if carry else fresh
        delta = None if step == 0 else here - before
        story.backward(
            *(
                state(
                    place,
                    place + 1,
                    value=here[place],
                    fresh=fresh[place],
                    grad_after=held[place],
                    delta=None if delta is None else delta[place],
                )
                for place in (0, 1)
            ),
            loss=view(90 + step, FIT.loss(here.tolist()) or 0.0),
        )
        before, here = here, here + sign * lr * held
    slots = tuple(slot(n, "wb"[n], final=(float(here[n]),), passes=steps) for n in (0, 1))
    returned = back(*(number_back(float(value)) for value in here))
    return story.run(fit=FIT, slots=slots, returned=returned)


def test_moves_join_all_parameters_step_by_step() -> None:
    known = moves(descent(3))
    assert [move.number for move in known] == [1, 2, 3]
    first = known[0]
    assert first.value == (0.0, 0.0) and first.fresh == first.grad
    assert first.moved == pytest.approx([-0.3 * g for g in first.fresh])
    assert moves(Story().run()) == ()


def test_a_step_whose_move_is_not_known_is_no_move() -> None:
    story = Story()
    story.backward(state(value=0.0))
    story.backward(state(value=0.5, delta=0.5), step=7)
    run = story.run(slots=(slot(final=(1.0,)),), backward_count=9)
    assert moves(run) == ()


def test_a_step_that_did_not_reach_every_parameter_is_no_move() -> None:
    story = Story()
    story.backward(state(0, 1), state(1, 2))
    story.backward(state(0, 1, delta=1.0))
    run = story.run(slots=(slot(0, "w", final=(3.0,)), slot(1, "b", final=(1.0,))))
    assert [move.number for move in moves(run)] == [1]


def test_descent_follows_its_own_gradient() -> None:
    run = descent()
    assert all(follows_fresh(run, move.number) for move in moves(run) if move.number < 6)


def test_a_carried_gradient_is_not_followed() -> None:
    run = descent(carry=True)
    assert follows_fresh(run, 1)
    assert not all(follows_fresh(run, number) for number in range(2, 7))


def test_a_move_too_small_to_tell_is_given_the_benefit_of_the_doubt() -> None:
    story = Story()
    story.backward(state(value=100.0, fresh=1.0))
    run = story.run(slots=(slot(final=(100.01,)),))
    assert follows_fresh(run, 1)


def test_a_single_parameter_is_judged_by_its_rate() -> None:
    story = Story()
    story.backward(state(value=0.0, fresh=-1.0, grad_after=-1.0))
    story.backward(state(value=0.5, fresh=-0.5, grad_after=-1.5, delta=0.5))
    right = story.run(slots=(slot(final=(0.75,)),))
    wrong = story.run(slots=(slot(final=(1.25,)),))
    assert follows_fresh(right, 2) and not follows_fresh(wrong, 2)
    assert not follows_fresh(right, 99)


@pytest.mark.parametrize(
    ("one", "other", "cosine"),
    [
        ((1.0, 0.0), (2.0, 0.0), 1.0),
        ((1.0, 0.0), (-2.0, 0.0), -1.0),
        ((1.0, 0.0), (0.0, 3.0), 0.0),
        ((0.0, 0.0), (1.0, 0.0), None),
        ((math.nan, 0.0), (1.0, 0.0), None),
        ((math.inf, 0.0), (1.0, 0.0), None),
        ((), (), None),
    ],
)
def test_the_cosine_of_two_vectors(one: list[float], other: list[float], cosine: float | None) -> None:
    assert cosine_of(one, other) == cosine
    assert aligned(one, other) is (cosine == 1.0)


@given(st.lists(st.tuples(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9)), max_size=5))
def test_a_cosine_is_between_minus_one_and_one(pairs: list[tuple[float, float]]) -> None:
    cosine = cosine_of([a for a, _ in pairs], [b for _, b in pairs])
    assert cosine is None or -1.001 <= cosine <= 1.001


def test_the_largest_of_none_is_zero() -> None:
    assert (largest([]), largest([1.0, -3.0])) == (0.0, 3.0)


def test_the_rate_is_read_off_the_first_moves() -> None:
    assert rate(descent(lr=0.3)) == pytest.approx(0.3)
    assert rate(descent(lr=0.05)) == pytest.approx(0.05)
    assert rate(descent(sign=1.0)) == pytest.approx(-0.3)
    assert rate(Story().run()) is None


def test_the_largest_stable_rate_is_that_of_the_data() -> None:
    found = stable_rate(descent())
    assert found == pytest.approx(1.0)  # the mean of 1 is the larger eigenvalue, times 2
    run = descent(steps=60, lr=0.98 * (found or 0))
    worse = descent(steps=60, lr=1.1 * (found or 0))
    assert run.recovered is not None and worse.recovered is not None
    assert largest(run.recovered) < 3 < largest(worse.recovered)
    assert stable_rate(Story().run()) is None


def test_descent_that_is_under_way_is_descent() -> None:
    assert is_descent(descent(6, 0.1))
    assert not is_descent(descent(6, 0.1, sign=1.0))
    assert not is_descent(Story().run())


def test_descent_that_has_arrived_is_over() -> None:
    arrived = descent(400, 0.5)
    assert arrived.is_right and not is_descent(arrived)


def test_a_gradient_of_something_else_is_not_the_true_one() -> None:
    run = descent(2)
    first = moves(run)[0]
    assert is_true_gradient(run, first)
    story = Story()
    story.backward(state(0, 1, fresh=5.0), state(1, 2, fresh=-5.0))
    other = story.run(fit=FIT, slots=(slot(0, "w", final=(1.0,)), slot(1, "b", final=(-1.0,))))
    assert not is_true_gradient(other, moves(other)[0])


def test_without_data_any_gradient_may_be_true() -> None:
    story = Story()
    story.backward(state(fresh=5.0))
    run = story.run(slots=(slot(final=(1.0,)),))
    assert is_true_gradient(run, moves(run)[0])


def test_numbers_that_are_not_finite_are_no_descent() -> None:
    story = Story()
    story.backward(state(value=math.nan, fresh=math.nan))
    story.backward(state(value=math.nan, fresh=math.inf, delta=math.nan))
    run = story.run(fit=FIT, slots=(slot(final=(math.nan,)),), returned=back(number_back(math.nan)))
    assert not is_descent(run) and rate(run) is None
    assert isinstance(follows_fresh(run, 1), bool)
