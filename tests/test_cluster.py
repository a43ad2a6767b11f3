"""A class on a real cluster: the same results as on this machine, and nothing lost where workers die."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from grader.records import Result
from tests.command import ROOT, complaint, grader
from tests.dask_cluster import cluster
from tests.mortal_worker import ALWAYS, ONCE

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="runs no submissions"),
    pytest.mark.timeout(500),  # seven starts of torch, on a machine that may be busy
]

SECRET = "a secret that is nowhere to be seen"  # noqa: S105 - not a real one
TEMPLATE = (ROOT / "student_template" / "line.py").read_text()


class Graded(NamedTuple):
    lines: list[Result]
    """In the order of the file."""
    out: Path
    said: str
    logs: str
    address: str

    @property
    def by_name(self) -> dict[str, Result]:
        return {result.submission.name: result for result in self.lines}


@pytest.fixture(scope="module")
def class_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("class")
    (folder / "right.py").write_bytes((ROOT / "reference" / "line.py").read_bytes())
    (folder / "nul.py").write_bytes(b"\0")
    (folder / "colon.py").write_text("def fit(x, y, lr, steps)\n    pass\n")
    (folder / "exits.py").write_text("import os\nos._exit(3)\n")
    (folder / "raises.py").write_text("raise ValueError('now')\n")
    (folder / "nothing.py").write_text("x = 1\n")
    for name in ("begun1", "begun2"):
        (folder / f"{name}.py").write_text(TEMPLATE)
    (folder / "a_deadly.py").write_text(f"{TEMPLATE}{ALWAYS}\n")
    (folder / "b_unlucky.py").write_text(f"{TEMPLATE}{ONCE}{folder / 'died'}\n")
    return folder


def results_in(out: Path) -> list[Result]:
    return [*map(Result.model_validate_json, (out / "results.jsonl").read_text("utf-8").splitlines())]


def told(result: Result) -> list[tuple[object, ...]]:
    """All of the findings but the seconds that something took."""
    return [(f.pitfall, f.severity, f.message, f.line, f.step, f.seed, f.fix) for f in result.findings]


@pytest.fixture(scope="module")
def graded(class_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """Two workers, of which one dies of one submission, and both die of another, again and again."""
    folder, out = tmp_path_factory.mktemp("cluster"), tmp_path_factory.mktemp("out")
    with cluster(folder, 2, DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0") as address:
        ran = grader(
            *("batch", class_folder, "--exercise", "line", "--out", out, "--cluster", address),
            *("--accept-weak-isolation", "--cluster-wait", "120"),
            patience=400,
            GRADER_CLASS_SECRET=SECRET,
        )
        assert ran.returncode == 0, ran.stderr.decode()
    logs = "".join(path.read_text(errors="replace") for path in folder.glob("*.log"))
    return Graded(results_in(out), out, (ran.stdout + ran.stderr).decode(), logs, address)


@pytest.fixture(scope="module")
def here(class_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    """The same class on this machine."""
    out = tmp_path_factory.mktemp("here")
    ran = grader(
        *("batch", class_folder, "--exercise", "line", "--out", out, "--accept-weak-isolation"),
        *("--jobs", "1"),
        GRADER_CLASS_SECRET=SECRET,
    )
    assert ran.returncode == 0, ran.stderr.decode()
    return {result.submission.name: result for result in results_in(out)}


def test_nothing_is_lost_and_nothing_graded_twice(graded: Graded, class_folder: Path) -> None:
    assert (class_folder / "died").exists()
    students = sorted(path.stem for path in class_folder.glob("*.py"))
    assert sorted(result.submission.name for result in graded.lines) == students
    with (graded.out / "gradebook.csv").open(encoding="utf-8", newline="") as file:
        assert sorted(row["name"] for row in csv.DictReader(file)) == students


def test_what_kills_every_worker_is_given_up_and_the_others_go_on(graded: Graded) -> None:
    deadly = graded.by_name["a_deadly"]
    assert deadly.status == "ungraded"
    assert deadly.reason == (
        "Every worker that ran this submission died, in the end once with nothing else on the cluster. It may"
        " need more memory than a worker has: the worker's log says what ended it."
    )
    assert [r.submission.name for r in graded.lines if r.status == "ungraded"] == ["a_deadly"]


def test_the_results_are_those_of_this_machine(graded: Graded, here: dict[str, Result]) -> None:
    assert here["right"].status == "passed"
    for name, result in graded.by_name.items():
        if name != "a_deadly":
            expected = here[name]
            assert (result.status, result.score) == (expected.status, expected.score), name
            assert told(result) == told(expected), name
            assert [r.expected for r in result.runs] == [r.expected for r in expected.runs], name


def test_a_class_that_was_graded_on_a_cluster_goes_on_here(graded: Graded, here: dict[str, Result]) -> None:
    marks = {name: r.fingerprint for name, r in graded.by_name.items() if name != "a_deadly"}
    assert marks == {name: r.fingerprint for name, r in here.items() if name != "a_deadly"}
    assert all(marks.values())


def test_the_secret_and_the_students_are_in_no_log(graded: Graded) -> None:
    assert "Registered to" in graded.logs
    for secret in (SECRET, "b_unlucky", "the worker dies of this"):
        assert secret not in graded.logs
    assert "Traceback" not in graded.said
    assert "distributed" not in graded.said


def test_the_workers_are_dismissed(graded: Graded) -> None:
    assert graded.logs.count("Run out-of-band function 'dismiss'") >= 1
    assert "Removing Worker plugin grader-" in graded.logs


def test_a_scheduler_that_has_gone_is_one_line(graded: Graded, class_folder: Path, tmp_path: Path) -> None:
    ran = grader(
        *("batch", class_folder, "--exercise", "line", "--out", tmp_path / "out"),
        *("--cluster", graded.address),
    )
    assert ran.returncode == 2
    assert complaint(ran).startswith(f"No Dask scheduler answers at '{graded.address}' (")
    assert not (tmp_path / "out").exists()
