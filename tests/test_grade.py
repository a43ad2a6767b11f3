"""From findings to points."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from grader.evidence import FitEvidence
from grader.exercise import Course, Exercise
from grader.grade import DEVICES, WITNESSES, grade_runs, ungraded
from grader.pitfall import catalogue
from grader.records import Environment, Finding, Result, ReturnedValue, RubricResult, Severity
from tests.grading import FITS, submission_of
from tests.traces import SOURCE, Story, a_request, back, evidence, leaf, slot, state, tensor_back

ENVIRONMENT = Environment(torch="2.13.0", python="3.11.7", devices=("cpu", "sim"), isolation="level 0")
AWAY = a_request(device="sim")


@pytest.fixture
def line(course: Course) -> Exercise:
    return course.exercise("line")


def trained(w: float = 2.0, b: float = 1.0, **changes: Any) -> FitEvidence:
    """A run of two steps that came out at (w, b)."""
    story = Story()
    story.backward(state(0, 1, value=0.0), state(1, 2, value=0.0), loss=leaf(9, 4.0))
    story.backward(state(0, 1, value=1.0, delta=1.0), state(1, 2, value=1.0, delta=1.0), loss=leaf(9, 1.0))
    slots = (slot(0, "w", final=(w,), passes=2), slot(1, "b", final=(b,), passes=2))
    returned = back(tensor_back(leaf(1, w)), tensor_back(leaf(2, b)))
    return evidence(story.trace(**{"slots": slots, "returned": returned, **changes}))


def finding(name: str, severity: Severity = "error", device: str = "cpu") -> Finding:
    """A finding of the real catalogue."""
    pitfall = catalogue()[name].pitfall
    return Finding(
        pitfall=name, severity=severity, message="M.", line=3, source=None, step=1, device=device, seed=1,
        fix="F.", title=pitfall.title, why=pitfall.why, rubric=pitfall.rubric,
    )  # fmt: skip


def graded(
    exercise: Exercise,
    *findings: Finding,
    runs: list[FitEvidence] | None = None,
    environment: Environment = ENVIRONMENT,
    chosen: bool = False,
) -> Result:
    """A result; without ``runs``, of one on the CPU and one on ``sim``, both right."""
    submission = submission_of(SOURCE, exercise)
    made = [trained(), away()] if runs is None else runs
    return grade_runs(submission, exercise, made, findings, environment, chosen=chosen)


def away(**changes: Any) -> FitEvidence:
    """A run on the simulated device."""
    return replace(trained(**changes), request=AWAY)


def items(result: Result) -> dict[str, RubricResult]:
    return {item.id: item for item in result.rubric}


def statuses(result: Result) -> dict[str, str]:
    return {item.id: item.status for item in result.rubric}


def test_a_right_run_earns_everything_and_says_what_was_seen(line: Exercise) -> None:
    result = graded(line)
    assert (result.status, result.score, result.max_score) == ("passed", 100, 100)
    assert set(statuses(result).values()) == {"passed"}
    assert items(result)["coefficients"].detail == "w = 2.000, b = 1.000; least squares: w = 2.000, b = 1.000"
    assert "2 backward passes" in items(result)["gradient-zeroing"].detail
    assert all(item.detail for item in result.rubric)


def test_an_error_costs_its_item_and_the_pass(line: Exercise) -> None:
    result = graded(line, finding("stale-gradient"))
    assert (result.status, result.score) == ("failed", 80)
    item = items(result)["gradient-zeroing"]
    assert (item.status, item.earned, item.detail) == (
        "failed", 0, catalogue()["stale-gradient"].pitfall.title,
    )  # fmt: skip


def test_a_warning_costs_nothing(line: Exercise) -> None:
    result = graded(line, finding("stale-gradient", "warning"))
    assert (result.status, result.score) == ("passed", 100)
    assert len(result.findings) == 1


def test_numbers_that_are_off_fail_even_where_another_item_is_to_blame(line: Exercise) -> None:
    result = graded(line, finding("stale-gradient"), runs=[trained(w=2.5), away()])
    item = items(result)["coefficients"]
    assert item.status == "failed" and item.detail.startswith("This follows from: an update used gradient")
    assert result.score == 50


def test_numbers_that_are_off_and_unexplained_fail_too(line: Exercise) -> None:
    result = graded(line, runs=[trained(), trained(w=2.5), away()])
    assert statuses(result)["coefficients"] == "failed"
    assert (result.status, result.score) == ("failed", 70)


def test_what_a_pitfall_blocks_is_not_judged(line: Exercise) -> None:
    name, blocks = next((e.id, e.pitfall.blocks) for e in catalogue().values() if e.pitfall.blocks)
    result = graded(line, finding(name))
    for item in result.rubric:
        if item.id in blocks:
            assert item.status == "blocked" and item.earned == 0
            assert item.detail.startswith("Not judged: ")


def test_nothing_that_was_not_seen_counts_as_clean(line: Exercise) -> None:
    nothing = evidence(Story().trace())
    result = graded(line, runs=[nothing])
    assert set(statuses(result).values()) == {"blocked"} and result.score == 0
    assert result.status == "failed"
    assert all(item.detail.startswith("Not judged") for item in result.rubric)


def test_one_run_in_which_it_was_not_seen_is_enough_to_block(line: Exercise) -> None:
    result = graded(line, runs=[trained(), evidence(None, ending="time")])
    assert set(statuses(result).values()) == {"blocked"}
    blamed = graded(line, finding("time-limit"), runs=[trained(), evidence(None, ending="time")])
    assert items(blamed)["leaf-status"].detail.startswith("Not judged: ")


def test_no_runs_are_no_points(line: Exercise) -> None:
    result = graded(line, runs=[])
    assert (result.status, result.score) == ("failed", 0)


def test_one_backward_pass_says_nothing_of_zeroing(line: Exercise) -> None:
    assert statuses(graded(line, runs=[trained(backward_count=1)]))["gradient-zeroing"] == "blocked"


def test_parameters_that_never_moved_say_nothing_of_updates(line: Exercise) -> None:
    story = Story()
    story.backward(state(0, 1, value=2.0))
    still = evidence(story.trace(slots=(slot(0, "w", final=(2.0,)),)))
    assert WITNESSES["no-grad"](still) is None
    assert WITNESSES["no-grad"](trained()) is not None


def test_a_script_that_left_numbers_is_seen(line: Exercise) -> None:
    held = {name: ReturnedValue(kind="number", type="float", number=value)
            for name, value in (("w", 2.0), ("b", 1.0))}  # fmt: skip
    run = evidence(
        trained().trace.model_copy(update={"globals": held, "returned": None}),  # type: ignore[union-attr]
        request=a_request("script"),
    )
    result = graded(line, runs=[run])
    assert result.score == 100
    assert items(result)["shapes-and-dtypes"].detail == "The fitted values were left as numbers"
    assert "leaves w, b" in items(result)["leaf-status"].detail


@pytest.mark.parametrize(
    ("run", "status"),
    [
        (trained(), "completed"),
        (trained(outcome="raised"), "raised"),
        (trained(outcome="exited"), "exited"),
        (evidence(None, ending="time"), "stopped"),
    ],
)
def test_a_runs_ending_is_told(line: Exercise, run: FitEvidence, status: str) -> None:
    (told,) = graded(line, runs=[run]).runs
    assert (told.status, told.device, told.seed, told.names) == (status, "cpu", 101, ("w", "b"))


def test_a_runs_numbers_are_told(line: Exercise) -> None:
    (told,) = graded(line, runs=[trained()]).runs
    assert told.recovered == (2.0, 1.0) == told.expected
    assert told.loss == ((1, 4.0), (2, 1.0))


def test_what_could_not_be_graded_says_so(line: Exercise) -> None:
    result = ungraded(submission_of(SOURCE, line), line, "The warm process died.")
    assert (result.status, result.reason, result.score) == ("ungraded", "The warm process died.", 0)
    assert set(statuses(result).values()) == {"blocked"} and result.runs == ()
    Result.model_validate_json(result.model_dump_json())


def test_every_item_of_every_exercise_has_a_witness(course: Course) -> None:
    for name in FITS:
        assert {item.id for item in course.exercise(name).rubric} <= {*WITNESSES, DEVICES}


# --- what shows on a second device ------------------------------------------------------------------------


def test_the_same_on_every_device_earns_the_item_and_says_which_is_simulated(line: Exercise) -> None:
    assert items(graded(line))["devices"].detail == "The same on sim (simulated) as on cpu"


def test_an_error_that_shows_away_from_home_alone_costs_the_devices_and_nothing_else(line: Exercise) -> None:
    failed = away(outcome="raised", returned=None)
    result = graded(line, finding("moved-leaf", device="sim"), runs=[trained(), failed])
    assert {name for name, status in statuses(result).items() if status != "passed"} == {"devices"}
    assert (result.status, result.score) == ("failed", 90)


def test_the_same_error_at_home_costs_its_own_item(line: Exercise) -> None:
    assert statuses(graded(line, finding("moved-leaf")))["leaf-status"] == "failed"


def test_numbers_that_are_off_away_from_home_are_told(line: Exercise) -> None:
    item = items(graded(line, runs=[trained(), away(w=2.5)]))["devices"]
    assert (item.status, item.detail) == ("failed", "On sim (simulated) came w = 2.500, b = 1.000")


def test_a_second_device_that_was_never_reached_is_blocked(line: Exercise) -> None:
    result = graded(line, finding("stale-gradient"), runs=[trained()])
    item = items(result)["devices"]
    assert (item.status, item.earned) == ("blocked", 0) and "line 3 came first" in item.detail


def test_a_device_that_was_chosen_is_the_whole_question(line: Exercise) -> None:
    alone = ENVIRONMENT.model_copy(update={"devices": ("cpu",)})
    result = graded(line, runs=[trained()], environment=alone, chosen=True)
    assert (result.status, result.score, result.max_score) == ("passed", 90, 90)
    item = items(result)["devices"]
    assert (item.status, item.points, item.detail) == (
        "blocked", 0, "Not judged: graded on cpu alone, as was asked",
    )  # fmt: skip


def test_a_torch_that_cannot_simulate_a_device_blocks_the_item_and_never_passes_it(line: Exercise) -> None:
    alone = ENVIRONMENT.model_copy(update={"devices": ("cpu",), "torch": "2.9.1"})
    result = graded(line, runs=[trained()], environment=alone)
    assert (result.status, result.score, result.max_score) == ("failed", 90, 100)
    item = items(result)["devices"]
    assert (item.status, item.points) == ("blocked", 10)
    assert "torch 2.9.1 cannot simulate another device" in item.detail


def test_a_script_picks_its_own_device(line: Exercise) -> None:
    result = graded(line, runs=[replace(trained(), request=a_request("script"))])
    assert statuses(result)["devices"] == "passed"
    stopped = graded(line, runs=[replace(trained(outcome="raised"), request=a_request("script"))])
    assert statuses(stopped)["devices"] == "blocked"


def test_what_is_wrong_at_home_and_just_so_away_is_no_matter_of_devices(line: Exercise) -> None:
    wrong = [trained(w=2.5), away(w=2.5)]
    assert statuses(graded(line, finding("stale-gradient"), runs=wrong))["devices"] == "passed"
    other = [trained(w=2.5), away(w=1.5)]
    assert statuses(graded(line, finding("stale-gradient"), runs=other))["devices"] == "blocked"
    assert statuses(graded(line, finding("hardcoded-answer"), runs=wrong))["devices"] == "blocked"


def test_a_run_came_out_as_another_where_its_numbers_did() -> None:
    nan = float("nan")
    assert trained(w=2.5).came_out_as(away(w=2.5001)) and not trained(w=2.5).came_out_as(away(w=2.6))
    assert not trained(w=nan).came_out_as(away(w=nan))
    assert not trained().came_out_as(evidence(None, ending="time"))
