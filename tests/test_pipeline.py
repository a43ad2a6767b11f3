"""The one function that calls the stages in turn, with a sandbox that only notes what it is asked."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any, cast

import pytest

from grader.curve import CurveFit, FitCase
from grader.errors import SandboxError, UnknownDevice
from grader.exercise import Course
from grader.pipeline import grade
from grader.planning import SCRIPT_SHIFTS, plan
from grader.records import ChildReport, Limits, PlainArgument, Result, RunRequest, Trace
from grader.running import closer, run_once, same_question, unreadable
from grader.sandbox import Sandbox
from grader.sandbox.sandbox import Versions
from tests.grading import FITS, Grading, curve_fit, submission_of
from tests.traces import Story, a_request, back, evidence, leaf, raised, tensor_back

FUNCTION = "def fit(x, y, lr, steps): ...\n"
SCRIPT = "w = b = 1\n"


class Stub:
    """Stands in for a sandbox; answers in turn, the last answer for ever."""

    isolation = "level 0"
    limits = Limits()
    versions = Versions("2.13.0", "3.11.7")

    def __init__(self, *answers: ChildReport, devices: tuple[str, ...] = ("cpu",)) -> None:
        self.asked: list[RunRequest] = []
        self._answers = list(answers)
        self._devices = devices

    def devices(self) -> tuple[str, ...]:
        return self._devices

    def run(self, request: RunRequest, limits: Limits | None = None) -> ChildReport:
        if not request.interventions:
            self.asked.append(request)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    def sitting(self) -> contextlib.nullcontext[Stub]:
        return contextlib.nullcontext(self)

    @property
    def sandbox(self) -> Sandbox:
        return cast(Sandbox, self)


def report(trace: Trace | None, ending: Any = "complete") -> ChildReport:
    return ChildReport(ending=ending, trace=trace, seconds=0.1, detail="why")


def came_back(**changes: Any) -> Trace:
    """A run that handed back two numbers, wrong ones."""
    return Story().trace(returned=back(tensor_back(leaf(1, 9.0)), tensor_back(leaf(2, 9.0))), **changes)


@pytest.fixture
def line(course: Course) -> CurveFit:
    return curve_fit(course, "line")


# --- what is run ------------------------------------------------------------------------------------


def requests(source: str, exercise: CurveFit, devices: tuple[str, ...], *seeds: int) -> list[RunRequest]:
    return [request for request, _ in plan(submission_of(source, exercise), exercise, devices, seeds)]


def test_a_function_is_run_once_a_schedule_and_device(line: CurveFit) -> None:
    asked = requests(FUNCTION, line, ("cpu", "cuda"))
    assert [(r.device, r.seed) for r in asked] == [
        (device, seed) for device in ("cpu", "cuda") for seed in (101, 102, 102, 103)
    ]
    first = asked[0]
    assert (first.form, first.entry, first.name, first.watch) == (
        "function",
        "fit",
        "submission.py",
        "adaptive",
    )
    assert len(first.arguments) == 4 and first.watch_from == 100
    assert first.names == () and first.seed_shift == 0


def test_a_function_is_told_nothing_that_is_hidden(line: CurveFit) -> None:
    for request, case in plan(submission_of(FUNCTION, line), line, ("cpu",)):
        assert isinstance(case, FitCase)
        text = request.model_dump_json()
        for secret in (*case.expected, *case.data.truth):
            assert repr(secret) not in text


def test_a_script_is_run_once_a_shift_and_never_for_another_device(line: CurveFit) -> None:
    asked = requests(SCRIPT, line, ("cpu", "cuda"))
    assert [r.seed_shift for r in asked] == list(SCRIPT_SHIFTS)
    assert [r.seed - r.seed_shift for r in asked] == [1] * 4
    assert {r.device for r in asked} == {"cpu"}
    assert asked[0].entry is None and asked[0].names == ("w", "b") and asked[0].arguments == ()
    assert len(set(SCRIPT_SHIFTS)) == len(SCRIPT_SHIFTS) - 1, "one of them is made twice"


def test_seeds_may_be_chosen(line: CurveFit) -> None:
    assert [r.seed for r in requests(FUNCTION, line, ("cpu",), 7)] == [7, 7, 7, 7]
    assert requests(SCRIPT, line, ("cpu",), 7)[0].seed == 7


def test_without_devices_nothing_is_run(line: CurveFit) -> None:
    assert requests(FUNCTION, line, ()) == []


def test_a_script_picks_its_own_device_and_is_run_once_whatever_was_named(line: CurveFit) -> None:
    assert requests(SCRIPT, line, ("cpu", "cuda")) == requests(SCRIPT, line, ("cuda",))
    assert len(requests(SCRIPT, line, ("cuda",))) == len(SCRIPT_SHIFTS)


def test_the_simulated_device_gets_only_short_runs(line: CurveFit) -> None:
    steps = [request.arguments[-1].value for request in requests(FUNCTION, line, ("sim",))]  # type: ignore[union-attr]
    assert steps == [80, 60], "the one that is made twice on the CPU is made once"


# --- looking again ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "watch_from", "watch", "then"),
    [
        (50, 100, "adaptive", 49),
        (7, 100, "adaptive", 6),
        (6, 100, "adaptive", None),
        (100, 100, "adaptive", None),
        (101, 100, "adaptive", None),
        (50, None, "adaptive", 49),
        (50, 100, "full", None),
        (50, 100, "off", None),
        (0, 100, "adaptive", None),
    ],
)
def test_an_end_that_was_not_foreseen_is_looked_at_again(
    steps: int, watch_from: int | None, watch: Any, then: int | None
) -> None:
    request = a_request(watch=watch, watch_from=watch_from)
    again = closer(request, Story().trace(backward_count=steps))
    assert (again.watch_from if again else None) == then
    assert again is None or again == request.model_copy(update={"watch_from": then})


def test_a_run_that_left_no_trace_is_not_looked_at_again() -> None:
    assert closer(a_request(), None) is None


def test_the_second_look_is_the_one_that_counts(line: CurveFit) -> None:
    first = report(came_back(backward_count=50))
    second = report(came_back(backward_count=50, events_seen=7))
    stub = Stub(first, second)
    (request, case), *_ = plan(submission_of(FUNCTION, line), line, ("cpu",))
    run = run_once(stub.sandbox, line, request, case)
    assert [asked.watch_from for asked in stub.asked] == [100, 49]
    assert run.trace is not None and run.trace.events_seen == 7
    assert run.request == request


def test_a_run_that_is_lost_is_the_graders_fault(line: CurveFit) -> None:
    with pytest.raises(SandboxError, match="was lost: why"):
        grade(submission_of(FUNCTION, line), line, Stub(report(None, "lost")).sandbox)


# --- questions -------------------------------------------------------------------------------------


def test_a_question_is_the_same_however_closely_it_is_watched() -> None:
    one = evidence(None, request=a_request())
    assert same_question(one, evidence(None, request=a_request(watch_from=3)))
    assert not same_question(one, evidence(None, request=a_request(seed=7)))
    assert not same_question(one, evidence(None, request=a_request(device="cuda")))


@pytest.mark.parametrize(
    ("trace", "hopeless"),
    [
        (None, True),
        (came_back(), False),
        (came_back(outcome="raised", raised=raised()), True),
        (came_back(outcome="exited"), True),
        (Story().trace(), True),
        (Story().trace(returned=tensor_back(leaf(1, 1.0, 2.0, 3.0))), True),
        (Story().trace(returned=tensor_back(leaf(1, 1.0, 2.0))), False),
    ],
)
def test_a_run_that_ended_badly_is_not_repeated(trace: Trace | None, hopeless: bool) -> None:
    assert evidence(trace).is_answered is not hopeless


# --- grading -----------------------------------------------------------------------------------------


def test_a_whole_grading_makes_every_run_and_marks_the_repeated_one(line: CurveFit) -> None:
    stub = Stub(report(came_back()))
    result = grade(submission_of(FUNCTION, line), line, stub.sandbox)
    assert [run.repeat for run in result.runs] == [False, False, True, False]
    assert len(stub.asked) == 4
    assert result.environment.torch == "2.13.0" and result.environment.devices == ("cpu",)


def test_grading_ends_with_the_first_hopeless_run(line: CurveFit) -> None:
    stub = Stub(report(came_back()), report(came_back(outcome="raised", raised=raised())))
    result = grade(submission_of(FUNCTION, line), line, stub.sandbox)
    assert len(stub.asked) == 2 == len(result.runs)
    assert [run.status for run in result.runs] == ["completed", "raised"]


def test_a_function_that_took_too_long_is_asked_for_a_few_steps_to_see_why(line: CurveFit) -> None:
    stub = Stub(report(came_back()), report(None, "time"))
    result = grade(submission_of(FUNCTION, line), line, stub.sandbox)
    last = stub.asked[-1].arguments[-1]
    assert isinstance(last, PlainArgument) and last.value == 20
    assert [run.status for run in result.runs] == ["completed", "stopped"]
    assert "time-limit" in [finding.pitfall for finding in result.findings]


def test_a_device_that_is_not_there_is_told_before_anything_runs(line: CurveFit) -> None:
    stub = Stub(report(came_back()))
    with pytest.raises(UnknownDevice, match="cuda"):
        grade(submission_of(FUNCTION, line), line, stub.sandbox, devices=("cpu", "cuda"))
    assert stub.asked == []


def test_a_device_that_is_named_twice_is_used_once(line: CurveFit) -> None:
    stub = Stub(report(came_back()), devices=("cpu", "cuda"))
    grade(submission_of(FUNCTION, line), line, stub.sandbox, devices=("cuda", "cuda"))
    assert {request.device for request in stub.asked} == {"cuda"} and len(stub.asked) == 4


def test_every_device_of_the_machine_is_used(line: CurveFit) -> None:
    stub = Stub(report(came_back()), devices=("cpu", "cuda"))
    grade(submission_of(FUNCTION, line), line, stub.sandbox)
    assert len(stub.asked) == 8


def test_a_script_is_judged_on_a_machine_that_was_told_to_use_its_accelerator(line: CurveFit) -> None:
    stub = Stub(report(came_back()), devices=("cpu", "cuda"))
    result = grade(submission_of(SCRIPT, line), line, stub.sandbox, devices=("cuda",))
    assert result.runs != ()


def test_bytes_that_are_no_text_are_judged_without_a_run(line: CurveFit) -> None:
    stub = Stub(report(came_back()))
    submission = submission_of("", line).model_copy(update={"problem": "The file has NUL bytes in it."})
    result = grade(submission, line, stub.sandbox)
    assert stub.asked == []
    assert [(f.pitfall, f.line, f.message) for f in result.findings] == [
        ("import-failure", None, "The file has NUL bytes in it.")
    ]
    assert (result.status, result.score) == ("failed", 0)


def test_the_evidence_of_no_text(line: CurveFit) -> None:
    run = unreadable(line, a_request(source=""), None, "No.")
    assert run.raised is not None and (run.raised.type, run.raised.line) == ("SyntaxError", None)


@pytest.mark.parametrize(
    "source", ["", "\n", "def fit(:", "\ufeff", "fit = 5", "raise SystemExit", "x" * 9999]
)
def test_any_text_has_a_verdict(grade_source: Callable[..., Result], source: str) -> None:
    result = grade_source(source)
    assert result.status == "failed" and result.score == 0
    assert [finding for finding in result.findings if finding.severity == "error"]


def test_the_reference_passes_and_the_template_says_kindly_that_it_is_not_written(
    grading: Grading, course: Course
) -> None:
    for name in FITS:
        right = grading.result(course.reference(name).read_text("utf-8"), name)
        assert (right.status, right.score, right.findings) == ("passed", right.max_score, ())
        empty = grading.result(course.template(name).read_text("utf-8"), name)
        assert [finding.pitfall for finding in empty.findings] == ["not-implemented"] and empty.score == 0


def test_evidence_can_be_asked_of_one_run(evidence_of: Callable[..., Any], course: Course) -> None:
    run = evidence_of(course.reference("line").read_text("utf-8"))
    assert run.is_right and run.pass_count == 101 and [slot.name for slot in run.slots] == ["w", "b"]
