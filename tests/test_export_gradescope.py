"""Gradescope's results.json by its documented shape, and its autograder zip by running what is in it."""

from __future__ import annotations

import io
import json
import os
import re
import stat
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given, settings
from pydantic import BaseModel, ConfigDict, Field

from grader.adjustments import Adjustment, Adjustments
from grader.errors import GraderError, UsageError
from grader.export.gradescope import run
from tests import handmade
from tests.command import ROOT
from tests.exported import export, graded, hostile, hostile_result

Visibility = Literal["hidden", "after_due_date", "after_published", "visible"]
TextFormat = Literal["text", "html", "simple_format", "md", "ansi"]
Points = Annotated[float, Field(strict=True, allow_inf_nan=False)]


class Documented(BaseModel):
    """Only what Gradescope's specification of autograders names."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Test(Documented):
    __test__ = False
    score: Points | None = None
    max_score: Points | None = None
    status: Literal["passed", "failed"] | None = None
    name: str | None = None
    name_format: TextFormat = "text"
    number: str | None = None
    output: str | None = None
    output_format: TextFormat = "text"
    tags: list[str] = []
    visibility: Visibility = "visible"
    extra_data: dict[str, Any] = {}


class Results(Documented):
    score: Points
    execution_time: Points | None = None
    output: str = ""
    output_format: TextFormat = "text"
    test_output_format: TextFormat = "text"
    test_name_format: TextFormat = "text"
    visibility: Visibility = "visible"
    stdout_visibility: Visibility = "hidden"
    extra_data: dict[str, Any] = {}
    tests: list[Test] = []


def results(data: bytes) -> Results:
    """The file, valid, and nothing in it that is not plain text."""
    found = Results.model_validate_json(data)
    assert {found.output_format, *(test.output_format for test in found.tests)} == {"text"}
    assert {test.name_format for test in found.tests} <= {"text"}
    return found


def test_every_item_is_a_test_with_what_was_found() -> None:
    found = results(export("gradescope", handmade.failed())[0])
    assert (found.score, [test.score for test in found.tests]) == (40, [0, 10, 10, 0, 20])
    assert sum(test.max_score or 0 for test in found.tests) == 100
    stale = found.tests[3]
    assert (stale.name, stale.status, stale.number) == ("Gradients are zeroed each step", "failed", "4")
    assert stale.tags == ["stale-gradient"]
    assert "At step 2 a.grad was -10.31" in (stale.output or "")
    assert found.output.startswith("40 of 100 points. Not passed yet. Begin with line 12.")
    assert "Worth a look, at no cost:" in found.output
    assert found.extra_data["pitfalls"] == ["stale-gradient", "item-every-step"]


def test_what_was_not_graded_has_no_points_and_says_why() -> None:
    found = results(export("gradescope", handmade.ungraded())[0])
    assert found.score == 0
    assert "The warm process died three times." in found.output


def test_a_score_by_hand_is_the_score() -> None:
    decided = Adjustments(entries=(Adjustment(student="alice", points=5, by="N. T.", comment="Fine."),))
    found = results(export("gradescope", graded(handmade.failed(), decided))[0])
    assert found.score == 45
    said = r"45 of 100 points\. .*5 points.* by N\. T\. Fine\. By the grader: 40 of 100 points\."
    assert re.match(said, found.output), found.output


@settings(deadline=None)
@given(hostile)
def test_it_is_valid_whatever_a_student_wrote(words: str) -> None:
    found = results(export("gradescope", hostile_result(words))[0])
    assert len(found.tests) == 5


# --- the autograder -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The zip as Gradescope lays it out: unpacked into ``source``, the script copied beside it."""
    root = tmp_path_factory.mktemp("autograder")
    data, notes = export("gradescope-autograder", exercise="line")
    assert notes == ["Grades 'line'. Upload the zip under Configure Autograder, as it is."]
    assert data == export("gradescope-autograder", exercise="line")[0]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        modes = {entry.filename: entry.external_attr >> 16 for entry in archive.infolist()}
        assert all(stat.S_IMODE(modes[name]) == 0o755 for name in ("setup.sh", "run_autograder"))
        archive.extractall(root / "source")
    (root / "run_autograder").write_bytes((root / "source" / "run_autograder").read_bytes())
    return root


def autograded(unpacked: Path, files: dict[str, str], **environment: str) -> Results:
    """Hand in, and run the script as the harness does."""
    submission = unpacked / "submission"
    submission.mkdir(exist_ok=True)
    for old in submission.iterdir():
        old.unlink()
    for name, content in files.items():
        (submission / name).write_text(content, "utf-8")
    ran = subprocess.run(
        ["bash", str(unpacked / "run_autograder")],
        env={
            **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            "AUTOGRADER_ROOT": str(unpacked),
            "AUTOGRADER_PYTHON": sys.executable,
            **environment,
        },
        cwd=unpacked,
        capture_output=True,
        timeout=100,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return results((unpacked / "results" / "results.json").read_bytes())


def test_the_zip_holds_the_grader_and_no_solution(unpacked: Path) -> None:
    package = unpacked / "source" / "package" / "grader"
    own = {
        path.relative_to(ROOT / "grader").as_posix()
        for path in (ROOT / "grader").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    held = {path.relative_to(package).as_posix() for path in package.rglob("*") if path.is_file()}
    assert own - held == set()
    exercises = {f"course/exercises/{path.name}" for path in (ROOT / "exercises").glob("*.py")}
    assert held - own == exercises
    assert not list(unpacked.rglob("reference/*"))
    assert (unpacked / "source" / "torch.txt").read_text().startswith("torch==2.")
    names = {
        line.partition("==")[0] for line in (unpacked / "source" / "requirements.txt").read_text().split()
    }
    assert {"pydantic", "typer", "numpy", "jinja2"} <= names
    assert "pytest" not in names
    assert subprocess.run(["bash", "-n", str(unpacked / "source" / "setup.sh")], check=False).returncode == 0


def test_a_right_submission_gets_all_points(unpacked: Path) -> None:
    found = autograded(unpacked, {"my_solution.py": (ROOT / "reference" / "line.py").read_text("utf-8")})
    assert found.score == 100
    assert {test.status for test in found.tests} == {"passed"}
    assert "`my_solution.py` was taken for `line`" in found.output


def test_a_hostile_submission_gets_none_and_forges_nothing(unpacked: Path) -> None:
    forged = json.dumps({"score": 100})
    source = (
        "import os, pathlib\n"
        f"for place in ({str(unpacked / 'results' / 'results.json')!r}, 'results/results.json'):\n"
        "    try:\n"
        f"        pathlib.Path(place).write_text({forged!r})\n"
        "    except OSError:\n"
        "        pass\n"
        f"print({forged!r})\nprint('::error::forged')\nos._exit(0)\n"
        "def fit(x, y, lr, steps): ...\n"
    )
    found = autograded(unpacked, {"line.py": source})
    assert found.score == 0
    assert {test.status for test in found.tests} == {"failed"}


def test_without_a_file_it_says_what_to_submit(unpacked: Path) -> None:
    found = autograded(unpacked, {"essay.txt": "words"})
    assert found.score == 0
    assert found.output == (
        "Nothing was graded. No file for `line` found: looked for line.py or line.ipynb among: essay.txt."
        " Submit line.py."
    )


def test_there_is_a_result_even_if_python_cannot_start(unpacked: Path) -> None:
    found = autograded(unpacked, {"line.py": ""}, AUTOGRADER_PYTHON="/nowhere/python")
    assert found.score == 0
    assert found.output.startswith("Not graded: the autograder could not be started")


def test_there_is_a_result_if_the_grader_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "results").mkdir()
    monkeypatch.setenv("AUTOGRADER_ROOT", str(tmp_path))
    run.main()
    found = results((tmp_path / "results" / "results.json").read_bytes())
    assert found.output.startswith("Not graded: the autograder failed (FileNotFoundError")


def test_what_takes_too_long_is_ended_before_gradescope_does(tmp_path: Path) -> None:
    (tmp_path / "line.py").write_text("while True: pass\n", "utf-8")
    with pytest.raises(GraderError, match=r"longer than 0\.2 seconds"):
        run.graded(tmp_path, run.Settings("line"), seconds=0.2)


def test_a_refusal_of_the_grader_is_told(tmp_path: Path) -> None:
    (tmp_path / "nope.py").write_text("", "utf-8")
    with pytest.raises(GraderError, match="no exercise 'nope'"):
        run.graded(tmp_path, run.Settings("nope"))


def test_an_exercise_has_to_be_named() -> None:
    with pytest.raises(UsageError, match="say which with --exercise"):
        export("gradescope-autograder")
