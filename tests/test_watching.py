"""A watched file: every save is noticed once, whatever way an editor writes it, and graded again."""

from __future__ import annotations

import contextlib
import os
import queue
import re
import signal
import subprocess
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from grader.errors import SandboxError
from grader.exercise import Course
from grader.records import Result
from grader.sandbox import Sandbox
from grader.watching import POLL_SECONDS, Regraded, regrade, saves, version_of
from tests.command import ROOT, command, complaint, environment, grader

RIGHT = (ROOT / "reference" / "line.py").read_text("utf-8")
STALE = RIGHT.replace("        w.grad = None  # else the next backward() adds to what is here\n", "")
assert RIGHT != STALE

Act = Callable[[], object]


class ClockStoppedError(Exception):
    """Nothing more happens to the file."""


def happenings(file: Path, acts: Sequence[Act | None]) -> list[bool]:
    """What is noticed when between the looks one act after another is done to the file."""
    waiting = list(acts)

    def sleep(_: float) -> None:
        if not waiting:
            raise ClockStoppedError
        if act := waiting.pop(0):
            act()

    noticed: list[bool] = []
    with contextlib.suppress(ClockStoppedError):
        for there in saves(file, sleep):
            noticed.append(there)
    return noticed


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "line.py"
    path.write_text("one")
    return path


def write(path: Path, text: str, modified: int | None = None) -> Act:
    def act() -> None:
        path.write_text(text)
        if modified is not None:
            os.utime(path, ns=(modified, modified))

    return act


def rename_over(path: Path, text: str) -> Act:
    """As vim and many others save: aside, then over."""

    def act() -> None:
        aside = path.with_suffix(".swp")
        aside.write_text(text)
        aside.replace(path)

    return act


IDLE = [None] * 4


def test_the_file_is_graded_at_once_and_then_only_when_it_is_saved(file: Path) -> None:
    assert happenings(file, IDLE * 3) == [True]


def test_every_save_counts_once(file: Path) -> None:
    assert happenings(file, [*IDLE, write(file, "two"), *IDLE, write(file, "three"), *IDLE]) == [True] * 3


def test_a_save_that_changes_nothing_asks_for_another_look(file: Path) -> None:
    assert happenings(file, [*IDLE, write(file, "one", modified=5), *IDLE]) == [True, True]


def test_a_change_within_the_clocks_grain_is_seen_by_its_content(file: Path) -> None:
    os.utime(file, ns=(5, 5))
    assert happenings(file, [*IDLE, write(file, "two", modified=5), *IDLE]) == [True, True]


def test_an_editor_that_writes_aside_and_renames(file: Path) -> None:
    assert happenings(file, [*IDLE, rename_over(file, "two"), *IDLE]) == [True, True]


def test_a_file_that_is_away_for_a_moment(file: Path) -> None:
    assert happenings(file, [*IDLE, file.unlink, None, None, write(file, "two"), *IDLE]) == [True, True]


def test_half_a_file_is_waited_for(file: Path) -> None:
    growing = [write(file, "t"), write(file, "tw"), write(file, "two")]
    assert happenings(file, [*IDLE, *growing, *IDLE]) == [True, True]


def test_a_file_that_has_gone_is_told_once_and_graded_when_it_is_back(file: Path) -> None:
    long = [None] * int(4 / POLL_SECONDS)
    acts = [*IDLE, file.unlink, *long, write(file, "one", modified=5), *IDLE]
    assert happenings(file, acts) == [True, False, True]


def test_what_is_no_regular_file_is_as_good_as_none(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    assert version_of(tmp_path / "fifo") is None
    assert version_of(tmp_path) is None
    assert version_of(tmp_path / "missing") is None
    before = descriptors()
    for _ in range(20):
        version_of(tmp_path)
    assert descriptors() == before


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


class Lost(Sandbox):
    """A sandbox that cannot be started."""

    def devices(self) -> tuple[str, ...]:
        raise SandboxError("PyTorch cannot be imported")


def first(course: Course, file: Path, sandbox: Sandbox) -> Regraded:
    return next(regrade(file, course.exercise("line"), sandbox))


def test_what_goes_wrong_is_told_and_ends_nothing(course: Course, file: Path) -> None:
    lost = first(course, file, Lost())
    assert (lost.result, lost.problem) == (None, "PyTorch cannot be imported")


def test_a_file_that_is_taken_away_while_it_is_graded(
    course: Course, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.watching.saves", lambda *_: iter([True]))
    file.unlink()
    gone = first(course, file, Lost())
    assert gone.result is None and "There is no file" in gone.problem


def test_a_watched_result_is_the_one_that_check_gives(course: Course, file: Path, sandbox: Sandbox) -> None:
    file.write_text(STALE)
    result = first(course, file, sandbox).result
    assert isinstance(result, Result) and result.findings[0].pitfall == "stale-gradient"


class Watched:
    """A running ``grader watch`` whose output is read as it comes."""

    def __init__(self, cwd: Path, *arguments: str) -> None:
        self.process = subprocess.Popen(
            command("watch", *arguments),
            cwd=cwd,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)

    def report(self) -> str:
        """The next report, to its last line."""
        text = ""
        while "Ctrl-C ends." not in text:
            text += self._lines.get(timeout=60)
        return text

    def interrupt(self) -> tuple[int, str, str]:
        """Ctrl-C: the exit status, what was said on stdout since, and on stderr."""
        self.process.send_signal(signal.SIGINT)
        status = self.process.wait(30)
        assert self.process.stderr is not None
        error = self.process.stderr.read()
        text = ""
        while not self._lines.empty():
            text += self._lines.get()
        return status, text, error


def test_the_real_command_sees_an_edit_and_ends_cleanly(tmp_path: Path) -> None:
    file = tmp_path / "line.py"
    file.write_text(STALE)
    watched = Watched(tmp_path, "line.py")
    try:
        before = watched.report()
        assert "50 of 100 points" in before and "stale-gradient, line" in before
        assert "\x1b" not in before
        file.unlink()
        rename_over(file, RIGHT)()
        after = watched.report()
        assert "100 of 100 points. Passed" in after
        assert re.search(r"line\.py, graded at \d\d:\d\d:\d\d in \d+\.\d s\.", after)
        status, last, error = watched.interrupt()
        assert (status, last.strip(), error) == (0, "Stopped watching.", "")
    finally:
        watched.process.kill()


def test_another_signal_ends_it_with_the_status_of_that(tmp_path: Path) -> None:
    (tmp_path / "line.py").write_text("")
    watched = Watched(tmp_path, "line.py")
    try:
        watched.report()
        watched.process.terminate()
        assert watched.process.wait(30) == 128 + signal.SIGTERM
    finally:
        watched.process.kill()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("missing.py",), "There is no file 'missing.py'"),
        ((".",), "is a folder"),
        (("line.py", "--exercise", "lin"), "no exercise 'lin'"),
    ],
)
def test_what_cannot_be_watched_is_one_clear_line(
    tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    (tmp_path / "line.py").write_text(RIGHT)
    ran = grader("watch", *arguments, cwd=tmp_path)
    assert ran.returncode == 2
    assert said in complaint(ran)
