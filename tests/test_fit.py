"""What a fit is held against: the data of the run, and the best answer to it."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.curve import CurveFit
from grader.exercise import Course
from grader.fit import Fit, function_fit, script_fit
from grader.records import ReturnedValue, Trace
from tests.grading import FITS, curve_fit
from tests.traces import Story, a_fit

Numbers = tuple[float, ...]


def array(values: object) -> ReturnedValue:
    """A global of a script, with its values."""
    return ReturnedValue(kind="other", type="ndarray", values=tuple(np.asarray(values, float).tolist()))


def noisy(exercise: CurveFit, truth: Numbers, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A lesson's data."""
    x = np.linspace(*exercise.interval, exercise.points)
    noise = np.random.default_rng(seed).normal(0, exercise.noise, exercise.points)
    return x, exercise.model.design(x) @ np.array(truth) + noise


def left(**names: object) -> Trace:
    """A script that left these globals."""
    return Story().trace(globals={name: array(values) for name, values in names.items()})


@pytest.fixture
def line(course: Course) -> CurveFit:
    return curve_fit(course, "line")


@pytest.mark.parametrize(
    ("recovered", "met"),
    [
        ((2.0, 1.0), True),
        ((2.0199, 0.9801), True),
        ((2.021, 1.0), False),
        ((1.0, 2.0), False),
        ((math.nan, 1.0), False),
        ((math.inf, 1.0), False),
        ((2.0,), False),
        ((2.0, 1.0, 0.0), False),
        ((), False),
        (None, False),
    ],
)
def test_a_fit_is_met_within_its_tolerance(recovered: Numbers | None, met: bool) -> None:
    assert a_fit().is_met_by(recovered) is met


@given(st.lists(st.floats(), max_size=4))
def test_any_numbers_are_met_or_not(recovered: list[float]) -> None:
    a_fit().is_met_by(recovered)


def test_the_loss_and_its_gradient_are_those_of_the_data() -> None:
    fit = a_fit(x=np.array([0.0, 1.0]), y=np.array([1.0, 3.0]))
    assert (fit.size, fit.points) == (2, 2)
    assert fit.loss((2.0, 1.0)) == 0 and fit.gradient((2.0, 1.0)) == (0.0, 0.0)
    assert fit.loss((0.0, 0.0)) == 5.0 and fit.gradient((0.0, 0.0)) == (-3.0, -4.0)
    assert fit.loss((1e200, 0.0)) == math.inf


def test_without_data_there_is_no_loss() -> None:
    fit = a_fit()
    assert (fit.points, fit.loss((0.0, 0.0)), fit.gradient((0.0, 0.0))) == (None, None, None)


def test_a_functions_fit_is_its_cases(line: CurveFit) -> None:
    case = line.cases()[0]
    fit = function_fit(line, case)
    assert (fit.expected, fit.lr, fit.steps) == (case.expected, case.lr, case.steps)
    assert fit.names == ("w", "b") and fit.points == line.points
    gradient = fit.gradient(fit.expected)
    assert gradient is not None and max(map(abs, gradient)) < 1e-6


def assert_found(fit: Fit, exercise: CurveFit, truth: Numbers) -> None:
    assert fit.x is not None and fit.tolerance == exercise.tolerance
    assert fit.expected == pytest.approx(truth, abs=0.06)


@pytest.mark.parametrize("names", [("x", "y"), ("X", "Y"), ("xs", "ys"), ("x_train", "y_train")])
def test_a_scripts_data_are_found_by_their_names(line: CurveFit, names: tuple[str, str]) -> None:
    x, y = noisy(line, (1.0, 2.0))
    assert_found(script_fit(line, left(**{names[0]: x, names[1]: y})), line, (1.0, 2.0))


def test_a_scripts_data_are_found_by_what_they_are_like(line: CurveFit) -> None:
    x, y = noisy(line, (1.0, 2.0))
    clean = line.model.design(x) @ np.array([1.0, 2.0])
    trace = left(abscissae=x, ordinates=y, clean=clean, history=np.linspace(9, 0.01, 100) ** 2, short=x[:9])
    fit = script_fit(line, trace)
    assert_found(fit, line, (1.0, 2.0))
    assert np.array_equal(fit.y if fit.y is not None else [], y)


@pytest.mark.parametrize("spoil", [lambda y: y * math.nan, lambda y: y[:-1], lambda y: y * math.inf])
def test_data_that_cannot_be_used_are_not_known(
    line: CurveFit, spoil: Callable[[np.ndarray], np.ndarray]
) -> None:
    x, y = noisy(line, (1.0, 2.0))
    with np.errstate(all="ignore"):
        fit = script_fit(line, left(x=x, y=spoil(y)))
    assert fit.x is None and fit.expected == line.script_truth


def test_unknown_data_leave_room_for_the_noise(line: CurveFit) -> None:
    for trace in (None, Story().trace(), left(x=[1.0] * 4, y=[1.0] * 4)):
        fit = script_fit(line, trace)
        assert fit.x is None and fit.expected == line.script_truth
        assert line.tolerance < fit.tolerance < 0.2


def test_the_truth_is_met_by_what_any_noise_makes_of_it(course: Course) -> None:
    for name in FITS:
        exercise = curve_fit(course, name)
        fit = script_fit(exercise, None)
        for seed in range(200):
            x, y = noisy(exercise, exercise.script_truth, seed)
            assert fit.is_met_by(exercise.model.least_squares(x, y).tolist())


def test_constant_data_do_not_stop_it(line: CurveFit) -> None:
    fit = script_fit(line, left(x=[0.0] * 100, y=[0.0] * 100))
    assert all(math.isfinite(value) for value in fit.expected)


@pytest.mark.parametrize("name", FITS)
def test_the_losses_at_many_places_are_those_at_each(course: Course, name: str) -> None:
    exercise = curve_fit(course, name)
    fit = function_fit(exercise, exercise.cases()[0])
    places = [[float(n - at) for at in range(fit.size)] for n in range(5)] + [[math.nan] * fit.size]
    losses = fit.losses(places)
    assert losses == pytest.approx([fit.loss(place) for place in places], rel=1e-12, nan_ok=True)
    assert losses is not None
    assert len(set(losses[:-1])) == 5
    assert a_fit().losses([[1.0, 2.0]]) is None


def test_many_gradients_at_once_are_those_of_each_place() -> None:
    fit = a_fit(x=np.array([0.0, 1.0, 2.0]), y=np.array([1.0, 3.0, 5.5]))
    places = [(0.0, 0.0), (2.0, 1.0), (-3.0, 0.25)]
    for place, found in zip(places, fit.gradients(places), strict=True):
        assert fit.gradient(place) == pytest.approx(found)
    assert fit.gradients([]) == [] == a_fit().gradients(places)
