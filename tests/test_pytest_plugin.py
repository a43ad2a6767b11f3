"""``pytest --grade``: every rubric item is a test, and a failure says what to mend and where."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy  # noqa: F401 - pytester forgets what is imported under it, and NumPy cannot be imported twice
import pytest

import grader.pipeline
import grader.report.item
import grader.sandbox  # noqa: F401 - likewise
from grader.grade import ungraded
from grader.pytest_plugin import Submissions
from grader.records import CellLine, Result
from grader.report.item import unearned
from tests.command import ROOT, environment
from tests.grading import Grading, submission_of

pytest_plugins = ["pytester"]

RIGHT = (ROOT / "reference" / "line.py").read_text("utf-8")
STALE = RIGHT.replace("        w.grad = None  # else the next backward() adds to what is here\n", "")
TEMPLATE = (ROOT / "student_template" / "line.py").read_text("utf-8")
POISON = "raise SystemExit('imported where the tests are')\n"

Run = Callable[..., pytest.RunResult]


@pytest.fixture
def run(pytester: pytest.Pytester, grading: Grading, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs pytest in this process. What is graded, the session's sandbox grades, on one device."""

    def grade(self: Submissions, file: Path) -> Result:
        return grading.result(file.read_text("utf-8"), self.exercises[file].id)

    monkeypatch.setattr(Submissions, "grade", grade)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # loading all that there are takes a second
    return lambda *arguments: pytester.runpytest_inprocess("-p", "grader.pytest_plugin", *arguments)


def save(pytester: pytest.Pytester, name: str, text: str) -> Path:
    path = pytester.path / name
    path.write_text(text, "utf-8")
    return path


def xml(path: Path) -> ET.Element:
    return ET.parse(path).getroot()  # noqa: S314 - pytest's own


def test_every_rubric_item_is_a_test(pytester: pytest.Pytester, run: Run) -> None:
    save(pytester, "line.py", RIGHT)
    save(pytester, "test_other.py", "def test_other(): assert False\n")
    ran = run("--grade", "line.py", "-v")
    assert ran.ret == 1  # graded on one device as was asked: that item is not judged, and that is no pass
    ran.assert_outcomes(passed=5, failed=1)
    ran.stdout.fnmatch_lines(["line.py::coefficients PASSED*", "line.py::no-grad PASSED*"])
    ran.stdout.no_fnmatch_line("*test_other*")


def test_a_failure_is_the_finding_and_no_traceback(pytester: pytest.Pytester, run: Run) -> None:
    path = save(pytester, "line.py", STALE)
    line = STALE.splitlines().index("        b.grad = None") + 1
    ran = run("--grade", "line.py")
    ran.stdout.fnmatch_lines(
        [
            "*_ gradient-zeroing _*",
            "Gradients are zeroed each step: not passed, 0 of 20 points",
            f"*(stale-gradient, line {line}, step 4, on cpu, seed 101)",
            f"  > * {line} |         b.grad = None",
            "At step 4 `w.grad` was *",
            "  left over: 3.344",
            "To mend it: Clear `w.grad` once a step*",
            "More about it: grader explain stale-gradient",
            f"{path}:{line}: stale-gradient: *",
        ]
    )
    ran.stdout.fnmatch_lines(["FAILED line.py::gradient-zeroing - stale-gradient: *"])
    assert "Traceback" not in ran.stdout.str() and "NotEarned" not in ran.stdout.str()


def test_what_is_blocked_has_failed_and_says_by_what(pytester: pytest.Pytester, run: Run) -> None:
    save(pytester, "line.py", TEMPLATE)
    ran = run("--grade", "line.py")
    ran.assert_outcomes(failed=6)
    ran.stdout.fnmatch_lines(
        [
            "Updates happen under no_grad: blocked, 0 of 20 points",
            "Not judged: the mistake at line *",
            "Mend this first: This is still to be written (not-implemented, line *",
        ]
    )


def test_the_report_points_at_the_submissions_line(pytester: pytest.Pytester, run: Run) -> None:
    save(pytester, "line.py", STALE)
    run("--grade", "line.py", "--junitxml", "out.xml", "-o", "junit_family=xunit1")
    cases = {case.get("name"): case for case in xml(pytester.path / "out.xml").iter("testcase")}
    zeroing = cases["gradient-zeroing"]
    line = STALE.splitlines().index("        b.grad = None")
    assert (zeroing.get("file"), zeroing.get("line")) == ("line.py", str(line))
    failure = zeroing.find("failure")
    assert failure is not None and str(failure.get("message")).startswith("stale-gradient: ")
    assert "To mend it" in str(failure.text)


def test_a_submission_is_never_imported(pytester: pytest.Pytester, run: Run) -> None:
    save(pytester, "line.py", POISON + RIGHT)
    ran = run("--grade", "line.py", "--doctest-modules", "--collect-only")
    assert ran.ret == 0
    assert "6 tests collected" in ran.stdout.str() and "line.py::" not in ran.stderr.str()


def test_several_submissions_beside_tests(pytester: pytest.Pytester, run: Run) -> None:
    save(pytester, "line.py", RIGHT)
    save(pytester, "quadratic.py", POISON)
    save(pytester, "test_other.py", "def test_other(): pass\n")
    ran = run(
        "--grade", "line.py", "--grade", "quadratic.py", "--grade", "line.py", "test_other.py", "--co", "-q"
    )
    ids = [text for text in ran.outlines if "::" in text]
    assert ids[0] == "test_other.py::test_other"
    assert ids[1] == "line.py::coefficients" and ids[7] == "quadratic.py::coefficients"
    assert len(ids) == 13


def test_one_item_by_its_name(pytester: pytest.Pytester, run: Run) -> None:
    save(pytester, "line.py", RIGHT)
    run("--grade", "line.py", "-k", "no-grad").assert_outcomes(passed=1, deselected=5)


def test_which_exercise_it_is_may_be_said(pytester: pytest.Pytester, run: Run) -> None:
    save(pytester, "homework.py", RIGHT)
    ran = run("--grade", "homework.py", "--grade-exercise", "line", "-k", "coefficients")
    ran.assert_outcomes(passed=1, deselected=5)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--grade", "missing.py"), "There is no file"),
        (("--grade", "homework.py"), "Add --grade-exercise with one of: "),
        (("--grade", "homework.py", "--grade-exercise", "lin"), "Did you mean line?"),
        (("--grade", "homework.py", "--grade-exercises", "/nowhere"), "No exercises in '/nowhere'"),
    ],
)
def test_a_wrong_command_line_is_one_clear_line(
    pytester: pytest.Pytester, run: Run, arguments: tuple[str, ...], said: str
) -> None:
    save(pytester, "homework.py", RIGHT)
    ran = run(*arguments)
    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    assert "ERROR: --grade: " in ran.stderr.str() and said in ran.stderr.str()


def test_a_course_of_ones_own(pytester: pytest.Pytester, run: Run) -> None:
    from grader.skeleton import new_exercise

    new_exercise(pytester.path / "mine", "scaling", "function")
    save(pytester, "scaling.py", POISON)
    ran = run("--grade", "scaling.py", "--grade-exercises", "mine", "--collect-only", "-q")
    assert [text for text in ran.outlines if "::" in text] == ["scaling.py::scale", "scaling.py::devices"]


def test_the_real_thing_through_xdist(pytester: pytest.Pytester) -> None:
    save(pytester, "line.py", STALE)
    ran = pytester.runpytest_subprocess("-n", "1", "--grade", "line.py", "--junitxml", "out.xml")
    ran.assert_outcomes(passed=4, failed=2)
    ran.stdout.fnmatch_lines(["FAILED line.py::gradient-zeroing - stale-gradient: *"])
    ran.stdout.fnmatch_lines(["*line.py:*: stale-gradient: *"])
    suite = next(xml(pytester.path / "out.xml").iter("testsuite"))
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("6", "2", "0")


def test_hostile_text_is_shown_and_not_obeyed(grading: Grading) -> None:
    result = grading.result(
        "import torch\ndef fit(x, y, lr, steps):\n    raise ValueError('\\x1b[2J\\n::error::owned')\n"
    )
    why = unearned(result, "coefficients")
    assert why is not None and "\x1b" not in why.text + why.summary
    assert "::error::" not in why.text
    assert "\n" not in why.summary


def test_an_error_that_costs_no_item_is_no_pass(grading: Grading) -> None:
    result = grading.result(STALE)
    (error, *_) = result.findings
    stray = result.model_copy(
        update={
            "findings": (error.model_copy(update={"rubric": "of another course"}),),
            "rubric": tuple(
                item.model_copy(update={"status": "passed", "earned": item.points}) for item in result.rubric
            ),
        }
    )
    unearned_items = [item.id for item in stray.rubric if unearned(stray, item.id)]
    assert unearned_items == ["coefficients"]


def test_a_notebooks_line_is_told_with_its_cell_and_is_none_of_the_files(grading: Grading) -> None:
    result = grading.result(STALE)
    (error, *_) = result.findings
    there = error.model_copy(update={"line": CellLine(cell=3, line=5)})
    why = unearned(result.model_copy(update={"findings": (there,)}), "gradient-zeroing")
    assert why is not None and why.line is None
    assert "cell 3, line 5" in why.text


def test_what_was_not_graded_is_no_pass(grading: Grading) -> None:
    exercise = grading.course.exercise("line")
    result = ungraded(submission_of(RIGHT, exercise), exercise, "PyTorch cannot be imported.")
    for item in result.rubric:
        why = unearned(result, item.id)
        assert why is not None and why.summary == "not graded: PyTorch cannot be imported."
        assert "This says nothing about the code." in why.text


def test_pytest_is_not_slowed_down_where_nothing_is_graded(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(
        "import sys\n"
        "def pytest_sessionfinish():\n"
        "    loaded = {name for name in sys.modules if name.partition('.')[0] == 'grader'}\n"
        "    assert loaded == {'grader', 'grader.pytest_plugin', 'grader.version'}, loaded\n"
        "    assert not {'torch', 'pydantic', 'rich', 'numpy'} & set(sys.modules)\n"
    )
    (tmp_path / "test_nothing.py").write_text("def test_nothing(): pass\n")
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:hypothesispytest"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
