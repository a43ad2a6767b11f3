"""Nothing is lost: a class that was killed goes on where it stopped, and only what changed is graded anew."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from grader.adjustments import Adjustment, Adjustments
from grader.class_run import ClassRun
from grader.errors import UsageError
from grader.exercise import Exercise, find_course
from grader.policy import Policy
from grader.records import Result
from grader.report.class_folder import ClassFolder
from grader.report.json_text import result_json
from grader.report.result_lines import Extent
from grader.report.roster import Row
from grader.resume import Settings, fingerprint, unchanged
from grader.sandbox import Sandbox
from grader.sandbox.torchless import bare, level_here, torch_version
from grader.secret import SEEDS, class_secret, hidden_seeds
from grader.submission.intake import Intake, take_in
from grader.submission.layout import Student
from tests import handmade
from tests.command import ROOT, command, complaint, environment, grader
from tests.grading import submission_of

LINE = find_course(ROOT).exercise("line")
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
SETTINGS = Settings(level=1, torch="2.13.0", seconds=30.0, secret=b"", now=NOW)
TEMPLATE = (ROOT / "student_template" / "line.py").read_text()


def earlier(folder: Path, name: str, source: str) -> Result:
    """A file, and a result of grading it."""
    (folder / f"{name}.py").write_text(source)
    mark = fingerprint(submission_of(source, LINE), LINE, SETTINGS)
    return handmade.result(name=name).model_copy(update={"fingerprint": mark, "exercise": "line"})


def left(folder: Path, settings: Settings = SETTINGS) -> set[str]:
    """The names of the files whose results are kept; the others are to be graded."""
    entries = take_in(folder, ("line",), ("line",)).entries
    kept, waiting = unchanged(folder / "results.jsonl", entries, {"line": LINE}, settings)
    names = [each.row.name for each in kept]
    assert sorted([*names, *(entry.students[0].name for entry in waiting)]) == sorted(
        entry.students[0].name for entry in entries
    )
    return set(names)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    results = [earlier(tmp_path, name, f"# {name}\n") for name in ("a", "b", "c")]
    lines = "".join(result_json(result) + "\n" for result in results)
    (tmp_path / "results.jsonl").write_text(lines)
    return tmp_path


def test_what_is_unchanged_is_kept(folder: Path) -> None:
    assert left(folder) == {"a", "b", "c"}


def test_a_changed_missing_or_unreadable_file_is_not(folder: Path) -> None:
    (folder / "a.py").write_text("# another\n")
    (folder / "b.py").unlink()
    (folder / "b.py").mkdir()
    (folder / "d.py").write_text("")
    assert left(folder) == {"c"}


@pytest.mark.parametrize("change", [{"level": 0}, {"torch": "9"}, {"seconds": 1.0}, {"secret": b"x" * 16}])
def test_other_settings_are_another_grading(folder: Path, change: dict[str, object]) -> None:
    assert left(folder, Settings(**{**vars(SETTINGS), **change})) == set()


def mark(exercise: Exercise, now: datetime = NOW) -> str:
    return fingerprint(submission_of("", exercise), exercise, replace(SETTINGS, now=now))


def test_another_policy_is_another_grading_and_so_is_a_deadline_that_has_passed() -> None:
    later = replace(LINE, policy=Policy(suggest="after the deadline", deadline=NOW + timedelta(hours=1)))
    marks = {
        mark(LINE),
        mark(replace(LINE, policy=Policy(suggest="always"))),
        mark(replace(LINE, policy=Policy(confirmed_share=0.5))),
        mark(later),
        mark(later, NOW + timedelta(hours=2)),
    }
    assert len(marks) == 5
    assert mark(later) == mark(later, NOW + timedelta(minutes=59))
    assert mark(LINE) == mark(LINE, NOW + timedelta(days=99))


def test_half_a_line_and_a_strange_one_are_passed_over(folder: Path) -> None:
    text = (folder / "results.jsonl").read_text().splitlines(keepends=True)
    (folder / "results.jsonl").write_text(text[0] + '{"schema_version": "0"}\n' + "\n" + text[1][:100])
    assert left(folder) == {"a"}
    (folder / "results.jsonl").write_text(text[0] + text[1].rstrip("\n"))
    assert left(folder) == {"a"}, "what has no end yet may be half a line, and the next would run into it"


def test_what_was_not_graded_is_graded(folder: Path) -> None:
    lines = [Result.model_validate_json(line) for line in (folder / "results.jsonl").open()]
    lines[0] = lines[0].model_copy(update={"status": "ungraded"})
    lines[1] = lines[1].model_copy(update={"fingerprint": ""})
    (folder / "results.jsonl").write_text("".join(result_json(line) + "\n" for line in lines))
    assert left(folder) == {"c"}


def test_no_results_are_no_results(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("")
    assert left(tmp_path) == set()


def test_kept_results_are_in_the_folder_before_the_first_new_one(folder: Path) -> None:
    before = (folder / "results.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "b.py").write_text("# another\n")
    with ClassFolder(folder, "line", kept=kept_of(folder)) as written:
        assert (folder / "results.jsonl").read_bytes() == before[0] + before[2], "their own bytes"
        written.add(handmade.result(name="b", exercise="line"))
    assert len((folder / "results.jsonl").read_bytes().splitlines()) == 3
    assert [row.name for row in written.rows] == ["a", "c", "b"]
    assert len(list((folder / "reports").iterdir())) == 3


def test_a_report_that_says_what_is_so_is_not_written_again(folder: Path) -> None:
    with ClassFolder(folder, "line", kept=kept_of(folder)) as first:
        pass
    for row in first.rows:
        (folder / row.report).write_text(row.name)
    (folder / first.rows[1].report).unlink()
    with ClassFolder(folder, "line", kept=kept_of(folder)) as again:
        pass
    texts = [(folder / row.report).read_text("utf-8") for row in again.rows]
    assert (texts[0], texts[2]) == ("a", "c") and texts[1].startswith("<!doctype html>")


def test_a_decision_is_in_the_report_at_once_and_gone_when_it_is_taken_back(folder: Path) -> None:
    decided = Adjustments(entries=(Adjustment(student="b", score=80, comment="Seen in the lab."),))
    texts = []
    for adjustments in (None, decided, decided, None):
        with ClassFolder(folder, "line", kept=kept_of(folder), adjustments=adjustments) as out:
            pass
        report = folder / out.rows[1].report
        texts.append(report.read_text("utf-8"))
        report.write_text(texts[-1].replace("Seen in", "Seen at"))  # shows below whether it was written
    said = ["Seen in" in text for text in texts], ["Seen at" in text for text in texts]
    assert said == ([False, True, False, False], [False, False, True, False])
    assert "80 / 100 points</b>, decided by a person: set to 80. The grader's own score is 100." in texts[1]
    assert texts[3] == texts[0]


def test_a_line_that_no_report_can_be_made_from_is_one_clear_line(folder: Path) -> None:
    text = (folder / "results.jsonl").read_text()
    (folder / "results.jsonl").write_text(text.replace('"torch":"2.13.0"', '"torch":[]'))
    with pytest.raises(UsageError, match=r"result for 'a' that another version .* --fresh"):
        ClassFolder(folder, "line", kept=kept_of(folder)).__enter__()


def kept_of(folder: Path) -> list[tuple[Extent, Row]]:
    entries = take_in(folder, ("line",), ("line",)).entries
    kept, _ = unchanged(folder / "results.jsonl", entries, {"line": LINE}, SETTINGS)
    return [(each.extent, each.row) for each in kept]


# --- the real command ------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "status"), [("SIGKILL", -9), ("SIGTERM", 143)])
def test_a_killed_class_goes_on(tmp_path: Path, number: str, status: int) -> None:
    folder, out = tmp_path / "class", tmp_path / "out"
    folder.mkdir()
    for index in range(10):
        pause = (
            f"import time\ntime.sleep({0.01 * index})\n" if index < 3 else "import time\ntime.sleep(0.5)\n"
        )
        (folder / f"s{index}.py").write_text(pause + TEMPLATE)
    arguments = (
        "batch",
        folder,
        "--exercise",
        "line",
        "--out",
        out,
        "--accept-weak-isolation",
        "--jobs",
        "1",
    )
    process = subprocess.Popen(
        command(*arguments), env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert eventually(lambda: len(whole_lines(out)) >= 3)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    warm = children.read_text().split() if children.exists() else []
    process.send_signal(signal.Signals[number])
    process.communicate(timeout=30)
    assert process.returncode == status
    assert eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in warm))
    before = len(whole_lines(out))
    assert 3 <= before < 10
    again = grader(*arguments)
    assert again.returncode == 0, again.stderr.decode()
    assert f"{before} of 10 are unchanged and were not graded again." in again.stderr.decode()
    assert {json.loads(line)["submission"]["name"] for line in whole_lines(out)} == {
        f"s{i}" for i in range(10)
    }
    assert len(whole_lines(out)) == 10
    assert (out / "index.html").is_file()


def whole_lines(out: Path) -> list[str]:
    path = out / "results.jsonl"
    return path.read_text("utf-8").splitlines() if path.exists() else []


def eventually(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 30
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


# --- without torch -----------------------------------------------------------------------------------


def test_what_is_found_without_torch_is_what_a_sandbox_says() -> None:
    with Sandbox() as sandbox, bare() as warm:
        assert level_here(warm) == sandbox.level
        assert torch_version() == sandbox.versions.torch
        assert warm.ready().torch == ""


def test_a_class_that_is_unchanged_needs_no_torch_and_what_changed_does(tmp_path: Path) -> None:
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "a.py").write_text(TEMPLATE)
    (broken := tmp_path / "broken" / "torch").mkdir(parents=True)
    (broken / "__init__.py").write_text("raise OSError('no torch today')\n")
    where = ("--exercise", "line", "--out", tmp_path / "out")
    arguments = ("batch", tmp_path / "class", *where, "--accept-weak-isolation")
    path = f"{ROOT}{os.pathsep}{broken.parent}"
    assert grader(*arguments).returncode == 0
    left = {file: file.read_bytes() for file in (tmp_path / "out").rglob("*.*") if file.name in KEPT}
    for version, needed in ((torch_version(), False), ("9.9.9", True)):
        (broken / "version.py").write_text(f"__all__ = []\n__version__ = '{version}'\n")
        ran = grader(*arguments, PYTHONPATH=path)
        assert ran.returncode == (3 if needed else 0), ran.stderr.decode()
        assert (b"1 of 1 are unchanged" in ran.stderr) is not needed
        assert left == {file: file.read_bytes() for file in left}
    (tmp_path / "class" / "a.py").write_text(TEMPLATE + "# another\n")
    (broken / "version.py").write_text(f"__version__ = '{torch_version()}'\n")
    assert "no torch today" in complaint(grader(*arguments, PYTHONPATH=path))


KEPT = ("results.jsonl", "gradebook.csv", "a.html")


def test_who_handed_in_nothing_keeps_no_class_from_standing(folder: Path) -> None:
    entries = take_in(folder, ("line",), ("line",)).entries
    nobody = replace(entries[0], students=(Student("nobody"),), read=None, missing="Nothing was handed in.")
    run = ClassRun(folder, Intake("plain", ("line",), (*entries, nobody)), {"line": LINE})
    wanted = replace(SETTINGS, torch="9")
    assert not run.stands(wanted.level, wanted.torch, wanted.seconds, wanted.secret, told_nobody)
    assert run.stands(SETTINGS.level, SETTINGS.torch, SETTINGS.seconds, SETTINGS.secret, told_nobody)
    assert run.unchanged == 3
    assert {row.name: row.status for row in run.folder.rows}["nobody"] == "ungraded"


def told_nobody(results: int) -> AbstractContextManager[Callable[[Row], None]]:
    return nullcontext(lambda row: None)


# --- the secret ------------------------------------------------------------------------------------


def test_a_secret_draws_other_data_for_everybody() -> None:
    ann, bob = (hidden_seeds(b"s" * 16, "line", sha) for sha in ("aa", "bb"))
    assert len(set(ann)) == SEEDS and not set(ann) & set(bob)
    assert ann == hidden_seeds(b"s" * 16, "line", "aa")
    assert ann != hidden_seeds(b"t" * 16, "line", "aa") and ann != hidden_seeds(b"s" * 16, "quadratic", "aa")
    assert hidden_seeds(b"", "line", "aa") == ()


def test_a_secret_comes_from_a_file_or_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GRADER_CLASS_SECRET", raising=False)
    assert class_secret(None) == b""
    monkeypatch.setenv("GRADER_CLASS_SECRET", "e" * 20)
    assert class_secret(None) == b"e" * 20
    (tmp_path / "secret").write_text("f" * 20 + "\n")
    assert class_secret(tmp_path / "secret") == b"f" * 20
    (tmp_path / "secret").write_text("short")
    with pytest.raises(UsageError, match="5 bytes"):
        class_secret(tmp_path / "secret")
    with pytest.raises(UsageError, match="cannot be read"):
        class_secret(tmp_path / "none")


def test_a_class_is_graded_by_its_secret(tmp_path: Path) -> None:
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "a.py").write_text((ROOT / "reference" / "line.py").read_text())
    arguments = ("batch", tmp_path / "class", "--exercise", "line", "--out", tmp_path / "out")
    seeds = []
    for secret in ("s" * 16, "t" * 16, ""):
        ran = grader(*arguments, "--accept-weak-isolation", GRADER_CLASS_SECRET=secret)
        assert ran.returncode == 0, ran.stderr.decode()
        result = json.loads((tmp_path / "out" / "results.jsonl").read_text())
        assert result["status"] == "passed"
        seeds.append([run["seed"] for run in result["runs"]])
    assert seeds[0] != seeds[1]
    assert min(seeds[0]) > 2**16 and max(seeds[2]) < 1000
    assert "s" * 16 not in (tmp_path / "out" / "results.jsonl").read_text()


# --- the policy ------------------------------------------------------------------------------------


def test_a_class_is_not_graded_where_nothing_is_held(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(TEMPLATE)
    arguments = ("batch", tmp_path, "--exercise", "line", "--out", tmp_path / "out")
    refused = grader(*arguments, GRADER_ISOLATION="process")
    assert refused.returncode == 2
    assert "--accept-weak-isolation" in complaint(refused)
    assert not (tmp_path / "out").exists()
    accepted = grader(*arguments, "--accept-weak-isolation", GRADER_ISOLATION="process")
    assert accepted.returncode == 0, accepted.stderr.decode()
    again = grader(*arguments, GRADER_ISOLATION="process")
    assert (again.returncode, again.stdout) == (2, refused.stdout), "not even where it stands"
    said = "weak, and accepted with --accept-weak-isolation"
    for name in ("results.jsonl", "gradebook.csv", "index.html"):
        assert said in (tmp_path / "out" / name).read_text("utf-8"), name
    assert said in next((tmp_path / "out" / "reports").iterdir()).read_text("utf-8")


def test_check_takes_any_level_unless_it_is_for_ci(tmp_path: Path) -> None:
    (tmp_path / "line.py").write_text(TEMPLATE)
    ran = grader("check", tmp_path / "line.py", GRADER_ISOLATION="process")
    assert ran.returncode == 1
    assert b"isolation: level 0: process limits" in b" ".join(ran.stdout.split())
    refused = grader("check", tmp_path / "line.py", "--ci", GRADER_ISOLATION="process")
    assert refused.returncode == 2
    assert "isolation level 1 or above" in complaint(refused)
    strange = grader("check", tmp_path / "line.py", GRADER_ISOLATION="stronger")
    assert strange.returncode == 2
    assert "process, filter, namespaces" in complaint(strange)
