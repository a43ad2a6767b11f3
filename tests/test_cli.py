"""The real command: what it prints, where, and with which exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from grader import cli
from grader.records import Result
from grader.version import __version__
from tests.command import ROOT, command, complaint, environment, grader

REFERENCE = ROOT / "reference" / "line.py"
TEMPLATE = ROOT / "student_template" / "line.py"


def test_help_lists_every_command_of_the_contract() -> None:
    text = grader("--help").stdout.decode()
    for name in (
        "check", "watch", "batch", "export", "verify", "explain", "list", "start", "hint", "new", "devices",
        "schema",
    ):  # fmt: skip
        assert f"\n  {name} " in text
    assert max(map(len, text.splitlines())) <= 80


def test_version() -> None:
    ran = grader("--version")
    assert (ran.returncode, ran.stdout.decode()) == (0, f"grader {__version__}\n")


def test_no_command_at_all_shows_the_help() -> None:
    ran = grader()
    assert ran.returncode == 2
    assert b"Usage: grader" in ran.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("chek",), "No such command 'chek'"),
        (("check",), "Missing argument 'FILE'"),
        (("check", "missing.py"), "There is no file 'missing.py'"),
        (("check", "missing.py", "--exercise", "line"), "There is no file 'missing.py'"),
        (("check", "."), "'.' is a folder"),
        (("check", REFERENCE, "--exercise", "lin"), "no exercise 'lin'. Did you mean line"),
        (("check", REFERENCE, "--nope"), "No such option: --nope"),
        (("check", REFERENCE, "--format", "xml"), "'--format'"),
        (("check", REFERENCE, "--seed", "-1"), "'--seed'"),
        (("check", REFERENCE, "--seed", "two"), "'--seed'"),
        (("check", REFERENCE, "--html", "/nowhere/out.html"), "there is no folder '/nowhere'"),
        (("check", REFERENCE, "--html", "."), "it is a folder"),
        (("check", REFERENCE, "--html", REFERENCE), "is the submission itself"),
        (("check", REFERENCE, "--exercises", "/nowhere"), "No exercises in '/nowhere'"),
        (("--exercises", "/nowhere", "check", REFERENCE), "No exercises in '/nowhere'"),
        (("explain", "stale-gradeint"), "There is no pitfall 'stale-gradeint'. Did you mean"),
        (("explain", "--html", "out.html"), "of one pitfall: name it"),
        (("explain", "stale-gradient", "--html", "/nowhere/x.html"), "there is no folder '/nowhere'"),
        (("explain", "stale-gradeint", "--html", "/nowhere/x.html"), "Did you mean"),
        (("start", "quadratik"), "Did you mean quadratic"),
        (("batch", "/nowhere", "--exercise", "line", "--out", "o"), "There is no folder"),
        (("batch", REFERENCE, "--exercise", "line", "--out", "o"), "is a file"),
        (("batch", "tests", "--exercise", "line"), "Missing option '--out'"),
        (("batch", "tests", "--exercise", "lime", "--out", "o"), "Did you mean line"),
        (("batch", "tests", "--exercise", "line", "--out", "o", "--jobs", "0"), "'--jobs'"),
        (("verify", "--junit", "/nowhere/x.xml"), "there is no folder '/nowhere'"),
    ],
)
def test_a_wrong_command_line_is_one_clear_line(arguments: tuple[str, ...], said: str) -> None:
    ran = grader(*arguments)
    assert said in complaint(ran)
    assert ran.returncode == 2
    assert ran.stdout == b""


def test_a_stem_that_names_no_exercise_is_told_which_there_are(tmp_path: Path) -> None:
    (tmp_path / "homework.py").write_text("x = 1\n")
    ran = grader("check", "homework.py", cwd=tmp_path)
    assert ran.returncode == 2
    assert "No exercise is called 'homework'" in complaint(ran)
    assert "line, quadratic" in complaint(ran)


def test_files_that_are_none_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "line.py")
    ran = grader("check", "line.py", cwd=tmp_path)
    assert ran.returncode == 2
    assert "no regular file" in complaint(ran)


def test_start_never_overwrites(tmp_path: Path) -> None:
    first = grader("start", "line", tmp_path / "work")
    assert first.returncode == 0
    assert "grader check" in first.stdout.decode()
    assert (tmp_path / "work" / "line.py").read_bytes() == TEMPLATE.read_bytes()
    (tmp_path / "work" / "line.py").write_text("mine")
    second = grader("start", "line", tmp_path / "work")
    assert second.returncode == 2
    assert "a file is there already, and is left as it is" in complaint(second)
    assert (tmp_path / "work" / "line.py").read_text() == "mine"


def test_start_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ran = grader("start", "line", tmp_path / "file")
    assert ran.returncode == 2
    assert "a file is there already" in complaint(ran)


def test_explain_names_the_pitfall_and_shows_programs() -> None:
    text = grader("explain", "stale-gradient").stdout.decode()
    for part in ("stale-gradient", "Why it bites", "How to mend it", "Wrong", "Right"):
        assert part in text
    assert "stale-gradient" in grader("explain").stdout.decode()


def test_explain_writes_the_page_of_a_pitfall(tmp_path: Path) -> None:
    out = tmp_path / "stale.html"
    ran = grader("explain", "stale-gradient", "--html", out)
    assert ran.returncode == 0
    assert ran.stdout.startswith(b"Wrote ")
    assert "Why it bites" in out.read_text("utf-8")


@pytest.mark.parametrize("arguments", [("--help",), ("explain",), ("explain", "stale-gradient")])
def test_what_needs_no_torch_imports_neither_torch_nor_numpy(arguments: tuple[str, ...]) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "grader", *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    imported = {line.rpartition("|")[2].strip() for line in ran.stderr.splitlines()}
    assert "grader.cli" in imported
    assert not imported & {"torch", "numpy"}


def test_no_colour_where_nobody_sees_it() -> None:
    assert b"\x1b" not in grader("explain", "stale-gradient").stdout


@pytest.fixture(scope="module")
def as_json() -> subprocess.CompletedProcess[bytes]:
    return grader("check", REFERENCE, "--format", "json", PYTHONIOENCODING="ascii")


def test_json_is_one_object_and_nothing_else(as_json: subprocess.CompletedProcess[bytes]) -> None:
    assert as_json.returncode == 0
    assert as_json.stderr == b""
    result = json.loads(as_json.stdout.decode("utf-8"))
    assert next(iter(result)) == "schema_version"
    assert result["status"] == "passed"
    assert as_json.stdout.startswith(b'{\n  "schema_version": "1"')


def test_json_validates_against_the_published_schema(
    as_json: subprocess.CompletedProcess[bytes],
) -> None:
    schema = json.loads(grader("schema").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(as_json.stdout), schema)
    Result.model_validate_json(as_json.stdout)


def test_a_report_on_an_ascii_terminal_is_readable() -> None:
    ran = grader("check", TEMPLATE, PYTHONIOENCODING="ascii")
    assert ran.returncode == 1
    text = ran.stdout.decode("ascii")
    assert "x not passed" in text or "- blocked" in text


def test_html_is_written_beside_the_report(tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    ran = grader("check", TEMPLATE, "--html", out, "--format", "json")
    assert ran.returncode == 1
    assert json.loads(ran.stdout)["status"] == "failed"
    assert "Not passed yet" in out.read_text("utf-8")
    assert list(tmp_path.iterdir()) == [out]


def test_seeds_and_devices_may_be_repeated() -> None:
    ran = grader("check", REFERENCE, "--seed", "7", "--seed", "8", "--device", "cpu", "--format", "json")
    result = json.loads(ran.stdout)
    assert {run["seed"] for run in result["runs"]} == {7, 8}
    assert result["environment"]["devices"] == ["cpu"]


def test_a_device_that_is_not_here_is_a_wrong_command_line() -> None:
    ran = grader("check", REFERENCE, "--device", "gpu")
    assert ran.returncode == 2
    assert "no device 'gpu'" in complaint(ran)


def test_devices_says_what_protects() -> None:
    text = grader("devices").stdout.decode()
    assert "cpu" in text
    assert "isolation" in text


def test_a_reader_that_leaves_early_is_no_fault() -> None:
    process = subprocess.Popen(
        command("schema"), env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    process.wait(20)
    process.stderr.close()


def test_a_fault_of_the_grader_is_one_line_and_status_3(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(**_: object) -> None:
        raise ZeroDivisionError("by\x1bzero")

    monkeypatch.setattr(cli, "app", broken)
    monkeypatch.delenv("GRADER_DEBUG", raising=False)
    assert cli.run([]) == 3
    error = capsys.readouterr().err
    assert error == ("grader: the grader failed: ZeroDivisionError: by\\x1bzero. Please report it.\n")
    monkeypatch.setenv("GRADER_DEBUG", "1")
    assert cli.run([]) == 3
    assert "Traceback" in capsys.readouterr().err


def test_ctrl_c_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(cli, "app", lambda **_: 130)
    assert cli.run([]) == 130
    assert capsys.readouterr().err == "grader: stopped.\n"
