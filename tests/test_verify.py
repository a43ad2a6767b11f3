"""The gate of an exercises repository, on results made by hand and on small courses."""

from __future__ import annotations

import io
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from grader import findings as judging
from grader import verify
from grader.errors import CourseError
from grader.exercise import Course, Exercise, KnownMistake, find_course
from grader.mutations import Mutation, mutations
from grader.pitfall import catalogue
from grader.records import Finding, Result, Submission
from grader.report.junit import junit
from grader.report.proof import proof
from grader.verify import Check, caught, in_short, marked_line, verify_course
from tests import handmade
from tests.command import ROOT


def finding(pitfall: str, line: int | None, severity: str = "error") -> Finding:
    return handmade.STALE.model_copy(update={"pitfall": pitfall, "line": line, "severity": severity})


def found(*findings: Finding) -> Result:
    return handmade.failed(findings=findings)


@pytest.mark.parametrize(
    ("findings", "holds"),
    [
        ([("stale-gradient", 12, "error")], True),
        ([("stale-gradient", 12, "warning")], True),
        ([("stale-gradient", 12, "error"), ("item-every-step", 3, "warning")], True),
        ([("stale-gradient", 13, "error")], False),
        ([("stale-gradient", None, "error")], False),
        ([("stale-gradient", 12, "error"), ("diverged", 12, "error")], False),
        ([("diverged", 12, "error")], False),
        ([], False),
    ],
)
def test_caught_means_this_pitfall_at_this_line_and_no_other(
    findings: list[tuple[str, int | None, str]], holds: bool
) -> None:
    result = found(*(finding(*each) for each in findings))
    assert caught("stale-gradient", 12).holds(result) is holds


def test_a_mistake_without_a_line_may_be_anywhere() -> None:
    assert caught("stale-gradient", None).holds(found(finding("stale-gradient", 3)))


def test_where_the_contract_allows_two_readings_one_of_them_must_hold() -> None:
    two = caught(("stale-gradient", "diverged"), 3)
    assert two.words == "stale-gradient or diverged at line 3, no other error, and the cure works"
    assert two.holds(found(finding("diverged", 3)))
    assert not two.holds(found(finding("diverged", 3), finding("stale-gradient", 3)))


def test_the_marker_names_the_line() -> None:
    assert marked_line("a = 1\nb = 2  # <- some-id\n", "some-id") == 2
    assert marked_line("a = 1  # <- some-id-else\n", "some-id") is None


def test_a_result_in_short() -> None:
    assert in_short(handmade.failed()) == (
        "failed, 40 of 100: error stale-gradient at line 12; warning item-every-step at line 18"
    )
    assert in_short(handmade.result()) == "passed, 100 of 100: nothing found"


class NoSandbox:
    def __init__(self, *_: object) -> None:
        pass

    def __enter__(self) -> NoSandbox:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def judged(submission: Submission, exercise: Exercise, sandbox: Any, devices: tuple[str, ...] = ()) -> Result:
    """A stand-in for grading: the comment on the first line says what comes out."""
    verdict = submission.source.split("\n", maxsplit=1)[0].removeprefix("# ")
    if verdict == "pass":
        return handmade.result()
    score = 0.0 if verdict == "not-implemented" else 40.0
    return handmade.failed(findings=(finding(verdict, 1),), score=score)


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    monkeypatch.setattr(verify, "Sandbox", NoSandbox)
    monkeypatch.setattr(verify, "grade", judged)
    monkeypatch.setattr(verify, "catalogue", dict)
    for folder, source in (("reference", "# pass\n"), ("student_template", "# not-implemented\n")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "line.py").write_text(source)
    (tmp_path / "exercises").mkdir()
    shutil.copy(ROOT / "exercises" / "line.py", tmp_path / "exercises")
    return find_course(tmp_path)


def failures(course: Course) -> list[Check]:
    return [check for check in verify_course(course) if not check.passed]


def test_a_sound_course_holds(course: Course) -> None:
    kinds = [check.kind for check in verify_course(course)]
    assert kinds == ["files", "files", "reference", "template"]
    assert failures(course) == []


def test_a_template_that_passes_and_a_reference_that_does_not(course: Course) -> None:
    course.reference("line").write_text("# diverged\n")
    course.template("line").write_text("# pass\n")
    reference, template = failures(course)
    assert reference.expected == "the full score and no error"
    assert reference.found == "failed, 40 of 100: error diverged at line 1"
    assert template.found == "passed, 100 of 100: nothing found"


def test_a_template_that_says_something_else_first(course: Course) -> None:
    course.template("line").write_text("# runtime-error\n")
    assert [check.kind for check in failures(course)] == ["template"]


def test_stray_and_missing_files_are_named(course: Course) -> None:
    course.reference("line").rename(course.root / "reference" / "lime.py")
    (course.root / "student_template" / "notes.txt").write_text("")
    reference, template = failures(course)
    assert reference.found == "line.py is missing; lime.py belongs to no exercise"
    assert template.found == "notes.txt belongs to no exercise"


def test_known_mistakes_are_proved(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    mistakes = (
        KnownMistake("caught", "diverged", "# diverged\n"),
        KnownMistake("missed", "diverged", "# pass\n"),
    )
    monkeypatch.setattr(verify, "with_functions", lambda _, functions: functions)
    exercise = replace(course.exercise("line"), known_mistakes=mistakes)
    monkeypatch.setattr(Course, "exercise", lambda *_: exercise)
    told: list[Check] = []
    checks = verify_course(course, told.append)
    assert [(c.name, c.passed) for c in checks if c.kind == "known mistake"] == [
        ("caught", True), ("missed", False),
    ]  # fmt: skip
    assert sorted(c.name for c in told) == sorted(c.name for c in checks)


def derived(course: Course) -> list[tuple[str, bool, str]]:
    checks = [check for check in verify_course(course) if check.kind == "derived mistake"]
    return [(check.name, check.passed, check.found) for check in checks]


def test_derived_mistakes_are_proved(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [
        Mutation("caught", ("diverged",), "# diverged\n", 1),
        Mutation("slips through", ("diverged",), "# pass\n", None),
        Mutation("named otherwise", ("diverged",), "# undertrained\n", None),
    ]
    monkeypatch.setattr(verify, "mutations", lambda *_: iter(made))
    assert [(name, passed) for name, passed, _ in derived(course)] == [
        ("caught", True), ("slips through", False), ("named otherwise", False),
    ]  # fmt: skip


def test_a_reference_that_is_no_python_is_a_fault_of_the_course(course: Course) -> None:
    course.reference("line").write_text("# pass\ndef\n")
    with pytest.raises(CourseError, match=r"reference/line.py is no Python"):
        verify_course(course)


MISTAKE = "gradients never cleared"


def only_one(source: str, exercise: Exercise) -> list[Mutation]:
    return [mutation for mutation in mutations(source, exercise) if mutation.name == MISTAKE]


@pytest.fixture
def one_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A course of one exercise that is graded in earnest, with one derived mistake and no examples."""
    monkeypatch.setattr(verify, "catalogue", dict)
    monkeypatch.setattr(verify, "mutations", only_one)
    for folder in ("exercises", "reference", "student_template"):
        (tmp_path / folder).mkdir()
        shutil.copy(ROOT / folder / "line.py", tmp_path / folder)
    return find_course(tmp_path)


def test_a_course_is_proved_in_earnest(one_mistake: Course) -> None:
    assert failures(one_mistake) == []


def test_breaking_a_detector_makes_the_gate_fail(
    one_mistake: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = replace(catalogue()["stale-gradient"], find=lambda _: iter(()))
    monkeypatch.setattr(judging, "catalogue", lambda: catalogue() | {"stale-gradient": broken})
    (failure,) = failures(one_mistake)
    assert (failure.kind, failure.name) == ("derived mistake", MISTAKE)
    assert "stale-gradient" not in failure.found


def test_the_table_of_derived_mistakes_fits_a_terminal() -> None:
    line = Check("line", "derived mistake", "gradients cleared too early", True, "", "",
                 wanted=("gradient-cleared-too-early",), named=("gradient-cleared-too-early",))  # fmt: skip
    missed = replace(line, exercise="quadratic", passed=False, named=())
    misplaced = replace(line, exercise="cubic", passed=False)
    stream = io.StringIO()
    Console(file=stream, width=80, highlight=False).print(proof([line, missed, misplaced]))
    rows = [" ".join(row.split()) for row in stream.getvalue().splitlines()]
    assert rows[:3] == [
        "mistake expected found",
        "gradients cleared too early gradient-cleared-too-early ✓ line",
        "✗ quadratic: nothing",
    ]
    assert "✗ cubic:" in rows[3]
    assert max(map(len, stream.getvalue().splitlines())) <= 80


def test_junit_counts_and_survives_hostile_text() -> None:
    checks = [
        Check("line", "reference", "ok", True, "", "", 1.5),
        Check("line", "template", "b\x00\x1b", False, "x", "<y>\ud800", 0.25),
        Check("quadratic", "reference", "ok", True, "", ""),
    ]
    root = ET.fromstring(junit(checks))  # noqa: S314 - our own
    assert root.attrib | {"name": ""} == {
        "name": "", "tests": "3", "failures": "1", "time": "1.750",
    }  # fmt: skip
    assert [suite.attrib["name"] for suite in root] == ["line", "quadratic"]
    failure = root.find("./testsuite/testcase/failure")
    assert failure is not None
    assert failure.attrib["message"] == "expected x; found <y>\\ud800"
