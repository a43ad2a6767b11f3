"""The soak's own checks: each sees what it is there to see."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from benchmarks.soak import watching
from benchmarks.soak.__main__ import _Lines
from benchmarks.soak.checks import MIB, checks, memory_growth
from benchmarks.soak.students import HOSTILE_ONE_IN, handed_in, write_class
from benchmarks.soak.watching import Sample, Watched, watch
from grader.exercise import find_course
from grader.report.json_text import result_json
from tests import handmade
from tests.command import ROOT

COURSE = find_course(ROOT)
LINE = COURSE.exercise("line")


def test_a_class_is_the_same_for_the_same_seed_and_no_two_files_are_alike() -> None:
    files = list(handed_in(COURSE, LINE, 200, seed=7))
    assert files == list(handed_in(COURSE, LINE, 200, seed=7))
    assert files != list(handed_in(COURSE, LINE, 200, seed=8))
    assert len(set(files)) == 200
    reference = COURSE.reference("line").read_bytes()
    assert 20 < sum(file.startswith(reference) for file in files) < 180


def test_one_in_twenty_is_hostile_or_broken() -> None:
    files = list(handed_in(COURSE, LINE, 400, seed=7))
    assert not any(b"import contextlib" in file for i, file in enumerate(files) if (i + 1) % HOSTILE_ONE_IN)
    hostile = files[HOSTILE_ONE_IN - 1 :: HOSTILE_ONE_IN]
    assert any(b"while True: pass" in file for file in hostile)
    assert any(b"\0" in file for file in hostile)


def test_a_class_that_is_there_stays(tmp_path: Path) -> None:
    write_class(tmp_path, COURSE, LINE, 3, seed=7)
    (tmp_path / "student000001.py").write_text("mine")
    write_class(tmp_path, COURSE, LINE, 4, seed=8)
    assert (tmp_path / "student000001.py").read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 4


def samples(*own: float) -> list[Sample]:
    return [Sample(done, int(mib * MIB), 0, 1) for done, mib in enumerate(own)]


def test_memory_is_compared_after_the_imports_are_done() -> None:
    assert memory_growth(samples(10, 10, *[80] * 30)) == 1.0
    assert memory_growth(samples(10, 10, *[80] * 15, *[120] * 15)) == 1.5
    assert memory_growth([]) == 0.0


@pytest.fixture
def out(tmp_path: Path) -> Path:
    lines = [result_json(handmade.result(name=name)) + "\n" for name in ("ada", "bob")]
    (tmp_path / "results.jsonl").write_text("".join(lines))
    return tmp_path


def failing(watched: Watched, out: Path, *students: str, stray: tuple[str, ...] = ()) -> list[str]:
    found = checks(watched, out, students, map(Path, stray))
    return [check.name for check in found if not check.holds]


def test_a_soak_in_which_all_holds(out: Path) -> None:
    assert failing(Watched(), out, "ada", "bob") == []
    assert failing(Watched(status=130, stopped=True), out, "ada", "bob", "cy") == []


@pytest.mark.parametrize(
    ("watched", "students", "stray", "name"),
    [
        (Watched(status=3), ("ada", "bob"), (), "exit status"),
        (Watched(), ("ada", "bob", "cy"), (), "results"),
        (Watched(), ("ada",), (), "results"),
        (Watched(left=["python 4711"]), ("ada", "bob"), (), "processes left"),
        (Watched(), ("ada", "bob"), ("tmp/grader-x",), "files left outside OUT"),
        (
            Watched(samples=samples(*[50] * 20, *[90] * 20)),
            ("ada", "bob"),
            (),
            "parent's memory, end over first tenth",
        ),
    ],
)
def test_what_does_not_hold_is_seen(
    out: Path, watched: Watched, students: tuple[str, ...], stray: tuple[str, ...], name: str
) -> None:
    assert failing(watched, out, *students, stray=stray) == [name]


def test_a_student_with_two_results_is_seen(out: Path) -> None:
    with (out / "results.jsonl").open("a") as lines:
        lines.write(result_json(handmade.result(name="ada")) + "\n")
    assert failing(Watched(), out, "ada", "bob") == ["results"]


def test_a_submission_that_was_not_graded_is_seen(out: Path) -> None:
    ungraded = handmade.result(name="bob").model_copy(update={"status": "ungraded", "reason": "lost"})
    (out / "results.jsonl").write_text(result_json(ungraded) + "\n")
    assert failing(Watched(), out, "bob") == ["not graded"]


def test_a_process_that_outlives_the_command_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "_END_SECONDS", 0.2)
    outlives = "import subprocess, sys, time; subprocess.Popen(['sleep', '9']); time.sleep(1.5); sys.exit(5)"
    watched = watch([sys.executable, "-c", outlives], tmp_path, os.environ, lambda: 0)
    assert watched.status == 5
    assert watched.samples[-1].own > MIB
    assert len(watched.left) == 1
    assert "sleep" in watched.left[0]
    assert list(tmp_path.iterdir()) == []


def test_a_soak_whose_time_is_up_is_stopped_as_by_ctrl_c(tmp_path: Path) -> None:
    waits = "import sys, time\ntry: time.sleep(60)\nexcept KeyboardInterrupt: sys.exit('stopped')"
    watched = watch([sys.executable, "-c", waits], tmp_path, os.environ, lambda: 0, seconds=1)
    assert (watched.status, watched.stopped, watched.errors) == (1, True, "stopped\n")
    assert watched.left == []


def test_lines_are_counted_as_they_come(tmp_path: Path) -> None:
    counter = _Lines(tmp_path / "lines")
    assert counter.count() == 0
    (tmp_path / "lines").write_text("a\nb\nhalf")
    assert counter.count() == 2
    (tmp_path / "lines").write_text("a\nb\nhalf\nc\n")
    assert counter.count() == 4
    (tmp_path / "lines").write_text("a\n")
    assert counter.count() == 1
