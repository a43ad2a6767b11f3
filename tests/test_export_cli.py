"""`grader export` as a command, the commands of its page, and the workflow that is ready to be used."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest
import typer.main
import yaml

from grader import cli
from grader.cli.app import app
from grader.export.format import formats
from grader.report.json_text import result_json
from tests import handmade
from tests.command import ROOT, command, complaint, environment, grader
from tests.exported import student
from tests.test_export_canvas import BOOK
from tests.test_export_moodle import ENGLISH

PAGE = ROOT / "docs" / "exports.md"
WORKFLOW = ROOT / "docs" / "workflows" / "classroom.yml"
RESULTS = (handmade.failed(), student("doejane", "11", handmade.result()), student("Max Müller"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where somebody works: a graded class, one result, and what the systems exported."""
    (tmp_path / "results").mkdir()
    lines = "".join(result_json(result) + "\n" for result in RESULTS)
    (tmp_path / "results" / "results.jsonl").write_text(lines, "utf-8")
    (tmp_path / "result.json").write_text(result_json(handmade.failed(), indent=2), "utf-8")
    (tmp_path / "grades.csv").write_text(BOOK, "utf-8", newline="")
    (tmp_path / "worksheet.csv").write_text(ENGLISH, "utf-8", newline="")
    (tmp_path / "line.py").write_bytes((ROOT / "reference" / "line.py").read_bytes())
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    return tmp_path


def said(*arguments: str) -> tuple[int, list[str]]:
    """Exit status and complaint of a command that is run here."""
    words: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cli, "complain", words.append)
        status = cli.run(list(arguments))
    return status, words


def test_every_format_is_listed_and_on_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert said("export") == (0, [])
    listed = capsys.readouterr().out
    page = PAGE.read_text("utf-8")
    for name, each in formats().items():
        assert f"\n{name} " in f"\n{listed}"
        assert f"| `{name}` |" in page
        assert each.summary


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["canvsa", "results"], "There is no format 'canvsa'. Did you mean canvas"),
        (["csv"], "Which results? grader export csv OUT"),
        (["csv", "nowhere"], "There is no 'nowhere'. Name a graded class's folder"),
        (["csv", "."], "'.' holds no graded class: there is no results.jsonl in it"),
        (["csv", "grades.csv"], "Line 1 of 'grades.csv' is no result of this grader"),
        (["csv", "empty.json"], "There is no result in 'empty.json': it is empty"),
        (["csv", "half.jsonl"], "Line 2 of 'half.jsonl' ends in the middle of a result"),
        (
            ["csv", "results", "--exercise", "line"],
            "No result is of the exercise 'line'. There are: quadratic",
        ),
        (["csv", "results", "--student", "zoe"], "No result is of the student 'zoe'"),
        (["csv", "results", "--into", "grades.csv"], "--into means nothing to csv: leave it out"),
        (["csv", "results", "--accept-weak-isolation"], "--accept-weak-isolation means nothing to csv"),
        (["csv", "results", "--out", "results"], "it is a folder"),
        (["csv", "results", "--out", "no/x.csv"], "there is no folder 'no'"),
        (["csv", "results", "--adjustments", "no.toml"], "'no.toml' cannot be read"),
        (["csv", "result.json", "--out", "result.json"], "'result.json' is what is read"),
        (["csv", "results", "--out", "results/results.jsonl"], "is what is read: name another file"),
        (["canvas", "results"], "Name the file that the system exported: --into FILE"),
        (["canvas", "results", "--into", "no.csv"], "--into 'no.csv' cannot be read: there is none"),
        (
            ["canvas", "results", "--into", "grades.csv", "--out", "grades.csv"],
            "'grades.csv' is what is read",
        ),
        (["canvas", "results", "--into", "worksheet.csv"], "is no gradebook of Canvas"),
        (["moodle", "results", "--into", "grades.csv"], "is no grading worksheet of Moodle"),
        (["moodle-feedback", "results"], "is no text: name a file for it with --out"),
        (["gradescope", "results"], "holds one result, and there are several: add --exercise or --student"),
        (
            ["gradescope-autograder", "results", "--out", "x.zip"],
            "is made of no results: leave out 'results'",
        ),
        (["gradescope-autograder", "--out", "x.zip"], "say which with --exercise"),
        (["gradescope-autograder", "--out", "x.zip", "--exercise", "lin"], "Did you mean line"),
    ],
)
def test_what_is_wrong_is_told_in_a_line_and_loses_nothing(
    folder: Path, arguments: list[str], expected: str
) -> None:
    (folder / "empty.json").touch()
    whole = (folder / "results" / "results.jsonl").read_bytes()
    (folder / "half.jsonl").write_bytes(whole[: whole.index(b"\n") + 500])
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    status, words = said("export", *arguments)
    assert status == 2
    assert expected in words[0]
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_the_real_command_reads_what_check_prints(folder: Path) -> None:
    ran = subprocess.run(
        command("export", "csv", "-"),
        input=(folder / "result.json").read_bytes(),
        env=environment(),
        cwd=folder,
        capture_output=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert ran.stdout.count(b"\r\n") == 2
    assert b"alice,,quadratic,failed,40,100,40,stale-gradient" in ran.stdout
    wrong = grader("export", "csv", "nowhere", cwd=folder)
    assert wrong.returncode == 2
    assert complaint(wrong).startswith("There is no 'nowhere'.")


def test_a_gradebook_is_written_beside_the_one_that_was_exported(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said("export", "canvas", "results", "--into", "grades.csv") == (0, [])
    assert (folder / "grades.csv").read_text("utf-8") == BOOK.replace("\r\n", "\n")
    assert ",10,50.00\r\n" in (folder / "grades-graded.csv").read_bytes().decode()
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("Filled in 1 of 6 students in the column 'Quadratic (123)'.\n")
    assert output.err.endswith("Wrote grades-graded.csv.\n")


def test_decisions_in_the_folder_count(folder: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    file = folder / "results" / "adjustments.toml"
    file.write_text('[[adjustment]]\nstudent = "alice"\nscore = 55\ncomment = "Seen."\n', "utf-8")
    assert said("export", "csv", "results", "--student", "alice") == (0, [])
    assert b"alice,,quadratic,failed,55,100,40," in capfdbinary.readouterr().out
    file.write_text('[[adjustment]]\nstudent = "alice"\nexercise = "lin"\nscore = 55\n', "utf-8")
    status, words = said("export", "csv", "results")
    assert (status, capfdbinary.readouterr().out) == (2, b"")
    assert "the class has no exercise 'lin'" in words[0]
    file.write_text('[[adjustment]]\nstudent = "nobody"\npoints = 5\n', "utf-8")
    assert said("export", "csv", "results") == (0, [])
    assert b"Adjustments of nobody in the class (1): nobody." in capfdbinary.readouterr().err


def test_the_summary_is_added_to_what_is_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    summary = folder / "summary.md"
    summary.write_text("before\n", "utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    assert said("export", "github-summary", "result.json") == (0, [])
    assert summary.read_text("utf-8").startswith("before\n## alice: quadratic\n")


# --- the page and the workflow ------------------------------------------------------------------


def parse(words: list[str]) -> None:
    """Refuse what the command line would refuse; nothing is run."""
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    commands[words[0]].make_context(words[0], list(words[1:]))
    if words[0] == "export":
        assert words[1] in formats()


def on_page() -> list[str]:
    blocks = re.findall(r"^```console\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return [line.removeprefix("$ ") for part in blocks for line in part.splitlines()]


@pytest.mark.parametrize("line", on_page())
def test_the_commands_of_the_page_work(folder: Path, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that grade are read only: what they write is there already."""
    for part in re.split(r" \| ", line):
        words = shlex.split(part.partition(" > ")[0])
        assert words[0] == "grader"
        parse(words[1:])
        if words[1] == "export":
            piped = [str(folder / "result.json") if word == "-" else word for word in words[1:]]
            assert said(*piped) == (0, [])


def test_the_workflow_uses_commands_that_are_there(folder: Path) -> None:
    workflow = yaml.safe_load(WORKFLOW.read_text("utf-8"))
    assert workflow["name"] == "Autograding Tests"
    assert workflow[True] == ["push", "workflow_dispatch", "repository_dispatch"]  # YAML 1.1 reads "on" so
    (job,) = workflow["jobs"].values()
    assert list(workflow["jobs"]) == ["run-autograding-tests"]
    scripts = [step["run"] for step in job["steps"] if "run" in step]
    used = [words for script in scripts for words in _grader_commands(script, workflow["env"])]
    assert [words[:2] for words in used] == [
        ["check", "quadratic.py"], ["export", "github"], ["export", "github-summary"], ["export", "junit"],
        ["export", "sarif"], ["export", "classroom"],
    ]  # fmt: skip
    for words in used:
        parse(words)
        if words[0] == "export":
            assert said(*words) == (0, [])
    for script in scripts:
        assert subprocess.run(["bash", "-n", "-c", script], check=False).returncode == 0
    actions = {step["uses"].partition("@")[0] for step in job["steps"] if "uses" in step}
    assert "classroom-resources/autograding-grading-reporter" in actions
    reporter = job["steps"][-1]
    assert reporter["with"]["runners"].upper() + "_RESULTS" in reporter["env"]


def _grader_commands(script: str, variables: dict[str, str]) -> list[list[str]]:
    for name, value in variables.items():
        script = script.replace(f"${name}", value)
    found = re.findall(r"\bgrader ((?:check|export) [^>|)\n]*)", script)
    return [shlex.split(words) for words in found]
