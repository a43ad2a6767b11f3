"""A class: every file has a result, whatever is wrong with it, with it or with the grader."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import threading
import time
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

from grader import batch
from grader.batch import grade_class
from grader.errors import SandboxError, SubmissionError
from grader.exercise import Exercise, find_course
from grader.records import Result, Submission
from grader.submission.intake import Entry, take_in
from grader.submission.layout import Student
from tests import handmade
from tests.command import ROOT, command, environment, grader

EXERCISES = {"line": find_course(ROOT).exercise("line")}


class FakeSandbox:
    """Stands where a sandbox stands; counts how many were opened and closed."""

    opened = 0
    closed = 0

    def __enter__(self) -> FakeSandbox:
        type(self).opened += 1
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        type(self).closed += 1

    def devices(self) -> tuple[str, ...]:
        return ("cpu",)


def fake_grade(submission: Submission, exercise: Exercise, sandbox: Any) -> Result:
    if "fault" in submission.name:
        raise ZeroDivisionError("of the grader's own")
    if "lost" in submission.name:
        raise SandboxError("the warm process died")
    return handmade.result(name=submission.name)


def write(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x = 1\n")


def graded(folder: Path, **options: Any) -> dict[str, Result]:
    options = {"open_sandbox": FakeSandbox, "grade_one": fake_grade, "jobs": 2, **options}
    return {r.submission.name: r for r in grade_class(entries(folder), EXERCISES, **options)}


def entries(folder: Path) -> tuple[Entry, ...]:
    return take_in(folder, ["line", "quadratic"], ["line"], folder / "out").entries


@pytest.mark.parametrize("jobs", [None, 1, 2, 50])
def test_every_file_has_one_result(tmp_path: Path, jobs: int | None) -> None:
    write(tmp_path, *(f"s{i}.py" for i in range(9)))
    FakeSandbox.opened = FakeSandbox.closed = 0
    assert set(graded(tmp_path, jobs=jobs)) == {f"s{i}" for i in range(9)}
    assert 1 <= FakeSandbox.opened <= 9
    assert FakeSandbox.opened == FakeSandbox.closed


def test_what_cannot_be_graded_is_ungraded_and_the_rest_go_on(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "fault.py", "lost1.py", "lost2.py", "lost3.py", "z.py")
    os.mkfifo(tmp_path / "fifo.py")
    results = graded(tmp_path)
    statuses = {name: result.status for name, result in results.items()}
    assert statuses == {
        "a": "passed", "z": "passed", "fault": "ungraded", "fifo": "ungraded",
        "lost1": "ungraded", "lost2": "ungraded", "lost3": "ungraded",
    }  # fmt: skip
    assert "ZeroDivisionError: of the grader's own" in (results["fault"].reason or "")
    assert "no regular file" in (results["fifo"].reason or "")
    assert results["lost1"].reason == "the warm process died"


def test_a_group_is_graded_once_and_everybody_has_the_result() -> None:
    graded_names: list[str] = []

    def counting(submission: Submission, exercise: Exercise, sandbox: Any) -> Result:
        graded_names.append(submission.name)
        return handmade.result(name=submission.name)

    group = Entry((Student("Ada", "1"), Student("Bob", "2")), "line", "x.py", lambda: b"x = 1")
    found = list(
        grade_class([group], EXERCISES, open_sandbox=FakeSandbox, grade_one=counting)  # type: ignore[arg-type]
    )
    assert [(r.submission.name, r.submission.student_id) for r in found] == [("Ada", "1"), ("Bob", "2")]
    assert graded_names == ["Ada"]


def test_who_handed_in_nothing_has_a_result_that_says_so_and_needs_no_sandbox() -> None:
    FakeSandbox.opened = 0
    entry = Entry((Student("Ada"),), "line", "", None, missing="No file for `line` found.")
    (result,) = grade_class([entry], EXERCISES, open_sandbox=FakeSandbox)  # type: ignore[arg-type]
    assert (result.status, result.reason) == ("ungraded", "No file for `line` found.")
    assert (result.submission.name, FakeSandbox.opened) == ("Ada", 0)


def test_bytes_that_cannot_be_had_are_told(tmp_path: Path) -> None:
    def fail() -> bytes:
        raise SubmissionError("'x.py' is encrypted")

    entry = Entry((Student("Ada"),), "line", "x.py", fail)
    (result,) = grade_class([entry], EXERCISES, open_sandbox=FakeSandbox)  # type: ignore[arg-type]
    assert (result.status, result.reason) == ("ungraded", "'x.py' is encrypted")


def test_a_fault_in_reading_ends_no_class() -> None:
    def fail() -> bytes:
        raise ZeroDivisionError("of the reader's")

    both = [Entry((Student(name),), "line", name, fail) for name in "ab"]
    found = list(grade_class(both, EXERCISES, jobs=1, open_sandbox=FakeSandbox))  # type: ignore[arg-type]
    assert [(r.submission.name, r.status) for r in found] == [("a", "ungraded"), ("b", "ungraded")]
    assert "of the reader's" in (found[0].reason or "")


def test_no_sandbox_at_all_leaves_every_file_ungraded(tmp_path: Path) -> None:
    class Broken(FakeSandbox):
        def devices(self) -> tuple[str, ...]:
            raise SandboxError("no torch here")

    write(tmp_path, "a.py", "b.py", "c.py")
    results = graded(tmp_path, open_sandbox=Broken)
    assert [result.reason for result in results.values()] == ["no torch here"] * 3


def test_one_worker_without_a_sandbox_leaves_its_work_to_the_others(tmp_path: Path) -> None:
    lock, count = threading.Lock(), Counter[str]()

    class Sometimes(FakeSandbox):
        def __enter__(self) -> FakeSandbox:
            with lock:
                count["opened"] += 1
                if count["opened"] == 1:
                    raise SandboxError("only once")
            return self

    write(tmp_path, *(f"s{i}.py" for i in range(6)))
    results = graded(tmp_path, open_sandbox=Sometimes)
    assert Counter(result.status for result in results.values()) == {"passed": 6}


def test_stopping_early_closes_every_sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = threading.Event()

    class Closing(FakeSandbox):
        def close(self) -> None:
            closed.set()

    def stuck(submission: Submission, exercise: Exercise, sandbox: Any) -> Result:
        if submission.name == "s0":
            return handmade.result()
        closed.wait(30)
        raise SandboxError("closed")

    monkeypatch.setattr(batch, "STOP_SECONDS", 0.1)
    write(tmp_path, *(f"s{i}.py" for i in range(6)))
    results = grade_class(
        entries(tmp_path), EXERCISES, jobs=1, open_sandbox=Closing, grade_one=stuck  # type: ignore[arg-type]
    )  # fmt: skip
    assert next(results).status == "passed"
    results.close()
    assert closed.is_set()


@pytest.fixture(scope="module")
def class_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("class")
    (folder / "ann").mkdir()
    (folder / "ann" / "line.py").write_bytes((ROOT / "reference" / "line.py").read_bytes())
    (folder / "bob.py").write_bytes((ROOT / "student_template" / "line.py").read_bytes())
    (folder / "=cmd.py").write_text("def fit(x, y, lr, steps)\n    pass\n")
    (folder / "nul.py").write_bytes(b"\x00\xff")
    os.mkfifo(folder / "pipe.py")
    return folder


def test_a_real_class_from_end_to_end(class_folder: Path) -> None:
    out = class_folder / "out"
    ran = grader("batch", class_folder, "--exercise", "line", "--out", out, "--jobs", "2")
    assert ran.returncode == 0, ran.stderr.decode()
    text = ran.stdout.decode()
    assert "Recognised a folder of files and a folder for each student: 5 students, line." in text
    assert "5 submissions: 1 passed, 3 not passed, 1 not graded" in text
    assert "index.html" in text
    lines = (out / "results.jsonl").read_text("utf-8").splitlines()
    results = {r.submission.name: r for r in map(Result.model_validate_json, lines)}
    assert set(results) == {"ann", "bob", "=cmd", "nul", "pipe"}
    with (out / "gradebook.csv").open(encoding="utf-8", newline="") as file:
        table = {line["name"]: line for line in csv.DictReader(file)}
    assert table["'=cmd"]["status"] == "failed"
    assert table["ann"]["score"] == "100"
    for line in table.values():
        assert (out / line["report"]).is_file()
    assert json.loads(lines[0])["schema_version"] == "1"


def test_out_that_is_a_file_is_refused_before_grading(class_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    ran = grader("batch", class_folder, "--exercise", "line", "--out", tmp_path / "out")
    assert ran.returncode == 2
    assert b"a file is in the way" in ran.stderr


def test_ctrl_c_leaves_readable_results_and_no_process(tmp_path: Path) -> None:
    source = (ROOT / "reference" / "quadratic.py").read_bytes()
    (tmp_path / "class").mkdir()
    (tmp_path / "tmp").mkdir()
    for index in range(40):
        (tmp_path / "class" / f"s{index:02}.py").write_bytes(source)
    out = tmp_path / "out"
    process = subprocess.Popen(
        command("batch", tmp_path / "class", "--exercise", "quadratic", "--out", out),
        env=environment(TMPDIR=str(tmp_path / "tmp")),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
    )
    _wait_for(out / "results.jsonl")
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"stopped: " in errors
    lines = (out / "results.jsonl").read_text("utf-8").splitlines()
    assert 1 <= len(lines) < 40
    assert all(json.loads(line)["exercise"] == "quadratic" for line in lines)
    assert (out / "index.html").is_file()
    assert list((tmp_path / "tmp").iterdir()) == []


def _wait_for(results: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if results.is_file() and b"\n" in results.read_bytes():
            return
        time.sleep(0.05)
    raise AssertionError("no result came")
