"""Exercises as data, and the courses that they are found in."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import numpy as np
import pytest

from grader.curve import Polynomial, Schedule
from grader.errors import CourseError, UnknownExercise
from grader.exercise import Course, Exercise, find_course
from grader.records import PlainArgument, TensorArgument
from tests.command import ROOT
from tests.grading import FITS, curve_fit

EXERCISES = find_course().exercise_ids()
every_exercise = pytest.mark.parametrize("name", EXERCISES)


def test_a_polynomial_is_evaluated_fitted_and_derived() -> None:
    model = Polynomial(powers=(2, 1, 0))
    x = np.array([-2.0, -1.0, 0.0, 1.0, 3.0])
    y = 1.5 * x**2 - 2 * x + 0.5
    assert model.design(x).shape == (5, 3)
    assert model.least_squares(x, y) == pytest.approx([1.5, -2.0, 0.5])
    assert model.loss(np.array([1.5, -2.0, 0.5]), x, y) == pytest.approx(0)
    here = np.array([0.3, 0.1, -0.2])
    step = 1e-6
    slopes = [
        (model.loss(here + step * unit, x, y) - model.loss(here - step * unit, x, y)) / (2 * step)
        for unit in np.eye(3)
    ]
    assert model.gradient(here, x, y) == pytest.approx(slopes, rel=1e-5)


every_fit = pytest.mark.parametrize("name", FITS)


@every_exercise
def test_an_exercise_is_whole(course: Course, name: str) -> None:
    exercise = course.exercise(name)
    assert exercise.max_score == 100
    assert len({item.id for item in exercise.rubric}) == len(exercise.rubric)
    assert course.reference(name).is_file() and course.template(name).is_file()


@every_fit
def test_some_schedule_is_run_twice(course: Course, name: str) -> None:
    schedules = curve_fit(course, name).schedules
    assert len(set(schedules)) == len(schedules) - 1


@every_fit
def test_the_answer_of_a_case_is_least_squares_of_the_very_data_it_gives(course: Course, name: str) -> None:
    for case in curve_fit(course, name).cases():
        x, y, lr, steps = case.arguments
        assert isinstance(x, TensorArgument) and isinstance(y, TensorArgument)
        assert (lr, steps) == (PlainArgument(value=case.lr), PlainArgument(value=case.steps))
        assert x.values == case.data.x and y.values == case.data.y and x.dtype == "float32"
        assert np.array_equal(np.array(x.values, np.float32), np.array(x.values)), (
            "float32 holds them exactly"
        )
        coefficients = curve_fit(course, name).model.least_squares(np.array(x.values), np.array(y.values))
        assert case.expected == pytest.approx(coefficients)
        assert case.expected == pytest.approx(case.data.truth, abs=0.1)


@every_fit
def test_data_come_from_the_seed_and_the_seed_alone(course: Course, name: str) -> None:
    exercise = curve_fit(course, name)
    assert exercise.dataset(1) == exercise.dataset(1) != exercise.dataset(2)
    low, high = exercise.coefficient_range
    for seed in range(100):
        assert all(low <= abs(value) <= high for value in exercise.dataset(seed).truth)


@every_fit
def test_every_schedule_converges(course: Course, name: str) -> None:
    exercise = curve_fit(course, name)
    for case in exercise.cases():
        x, y = np.array(case.data.x), np.array(case.data.y)
        here = np.ones(len(exercise.names))
        for _ in range(case.steps):
            here = here - case.lr * exercise.model.gradient(here, x, y)
        assert here == pytest.approx(case.expected, abs=exercise.tolerance / 4)


def test_seeds_may_be_chosen(course: Course) -> None:
    exercise = curve_fit(course, "line")
    own = [case.seed for case in exercise.cases()]
    assert own == [101, 102, 102, 103] == [case.seed for case in exercise.cases(())]
    assert [case.seed for case in exercise.cases((7, 8, 9))] == [7, 8, 8, 9]
    assert [case.seed for case in exercise.cases((7,))] == [7, 7, 7, 7]
    assert [case.seed for case in exercise.cases((7, 8))] == [7, 8, 8, 7]


def test_schedules_may_be_replaced(course: Course) -> None:
    short = replace(curve_fit(course, "line"), schedules=(Schedule(seed=5, lr=0.1, steps=3),))
    (case,) = short.cases()
    assert (case.seed, case.lr, case.steps) == (106, 0.1, 3)


def test_what_is_shortest_is_never_too_long_for_the_second_device(course: Course) -> None:
    long = replace(
        curve_fit(course, "line"),
        schedules=(Schedule(seed=0, lr=0.1, steps=900), Schedule(seed=1, lr=0.1, steps=300)),
    )
    assert [case.is_long for case in long.cases()] == [True, False]
    assert [case.is_long for case in curve_fit(course, "line").cases()] == [True, False, False, False]


def test_an_exercise_cannot_be_changed(course: Course) -> None:
    exercise = curve_fit(course, "line")
    with pytest.raises(FrozenInstanceError):
        exercise.noise = 0.5  # type: ignore[misc]


def test_an_unknown_exercise_is_told_with_those_that_there_are(course: Course) -> None:
    with pytest.raises(UnknownExercise, match="line"):
        course.exercise("lime")


def write(folder: Path, name: str, text: str) -> Course:
    """A course of one exercise."""
    (folder / "exercises").mkdir(exist_ok=True)
    (folder / "exercises" / f"{name}.py").write_text(text)
    return Course(folder)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def broken(:", "SyntaxError"),
        ("1 / 0", "ZeroDivisionError"),
        ("EXERCISE = 5", "defines no EXERCISE"),
        ("", "defines no EXERCISE"),
    ],
)
def test_a_file_that_is_no_exercise_is_told(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(CourseError, match=words):
        write(tmp_path, "odd", text).exercise("odd")


def test_an_exercises_id_is_its_files_name(tmp_path: Path) -> None:
    source = (ROOT / "exercises" / "line.py").read_text()
    with pytest.raises(CourseError, match="an exercise's id is its file's name"):
        write(tmp_path, "other", source).exercise("other")
    assert isinstance(write(tmp_path, "line", source).exercise("line"), Exercise)


def test_files_with_an_underscore_are_no_exercises(tmp_path: Path) -> None:
    assert write(tmp_path, "_shared", "").exercise_ids() == ()


def test_a_folder_without_exercises_is_no_course(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="No exercises in"):
        find_course(tmp_path)
    assert find_course().root == ROOT


def test_the_parent_imports_no_torch() -> None:
    """Commands feel instant: torch is the child's matter."""
    source = (
        "import sys, json, grader.cli, grader.pipeline, grader.pitfall\n"
        "grader.pitfall.catalogue()\n"
        "from grader.exercise import find_course\n"
        "find_course().exercise('line').cases()\n"
        "print(json.dumps('torch' in sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", source], capture_output=True, check=True, cwd=ROOT)
    assert json.loads(ran.stdout) is False
