"""Hints: one more each time, remembered for a course and an exercise, whatever the file holds."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from grader.exercise import Course, Exercise, find_course
from grader.hints import HintMemory, state_folder, unfold
from tests.command import ROOT, complaint, grader

EXERCISES = find_course().exercise_ids()


@pytest.fixture
def exercise(course: Course) -> Exercise:
    return replace(course.exercise("line"), hints=("one", "two", "three"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "hints.json"


def shown(exercise: Exercise, file: Path, course: str = "/a", **how: bool) -> list[str]:
    """What one command shows, the numbers with it."""
    unfolded = unfold(exercise, HintMemory(Path(course), file), **how)
    assert unfolded.of == 3
    return [f"{number} {words}" for number, words in unfolded.numbered()]


def test_one_more_each_time_and_none_after_the_last(exercise: Exercise, file: Path) -> None:
    times = [shown(exercise, file) for _ in range(5)]
    assert times == [["1 one"], ["2 two"], ["3 three"], [], []]


def test_all_at_once_count_as_shown(exercise: Exercise, file: Path) -> None:
    assert shown(exercise, file, every=True) == ["1 one", "2 two", "3 three"]
    assert shown(exercise, file) == []
    assert shown(exercise, file, every=True) == ["1 one", "2 two", "3 three"]


def test_restart_begins_with_the_first(exercise: Exercise, file: Path) -> None:
    shown(exercise, file)
    shown(exercise, file)
    assert shown(exercise, file, restart=True) == ["1 one"]
    assert shown(exercise, file) == ["2 two"]


def test_every_course_and_every_exercise_is_counted_for_itself(exercise: Exercise, file: Path) -> None:
    shown(exercise, file, "/a")
    assert shown(exercise, file, "/b") == ["1 one"]
    assert shown(replace(exercise, id="other"), file, "/a") == ["1 one"]
    assert shown(exercise, file, "/a") == ["2 two"]


def test_hints_that_were_taken_out_since_do_no_harm(exercise: Exercise, file: Path) -> None:
    HintMemory(Path("/a"), file).remember("line", 9)
    assert shown(exercise, file) == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"5",
        b"\xff\xfe",
        b'{"shown": 1}',
        b'{"shown": {"/a": 1}}',
        b'{"shown": {"/a": {"line": "2"}}}',
        b'{"shown": {"/a": {"line": -1}}}',
        b'{"shown": {"/a": {"line": true}}}',
        b"[" * 100_000,
    ],
)
def test_a_broken_file_is_taken_as_empty_and_told_and_mended(
    exercise: Exercise, file: Path, content: bytes
) -> None:
    file.parent.mkdir()
    file.write_bytes(content)
    memory = HintMemory(Path("/a"), file)
    assert memory.problem is not None
    assert str(file) in memory.problem and "taken as empty" in memory.problem
    assert unfold(exercise, memory).hints == ("one",)
    assert HintMemory(Path("/a"), file).problem is None
    assert shown(exercise, file) == ["2 two"]
    assert list(file.parent.iterdir()) == [file]


def test_where_nothing_can_be_remembered_the_hint_is_shown_all_the_same(
    exercise: Exercise, tmp_path: Path
) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    memory = HintMemory(Path("/a"), tmp_path / "state" / "hints.json")
    assert unfold(exercise, memory).hints == ("one",)
    assert memory.problem is not None and "cannot be remembered" in memory.problem


def test_the_state_folder_is_the_platforms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    monkeypatch.setenv("XDG_STATE_HOME", "/state")
    assert state_folder() == Path("/state/autograd-grader")
    for counts_as_none in ("", "relative/state"):
        monkeypatch.setenv("XDG_STATE_HOME", counts_as_none)
        monkeypatch.setattr(sys, "platform", "linux")
        assert state_folder() == Path("/home/ada/.local/state/autograd-grader")
        monkeypatch.setattr(sys, "platform", "darwin")
        assert state_folder() == Path("/home/ada/Library/Application Support/autograd-grader")


@pytest.mark.parametrize("name", EXERCISES)
def test_the_hints_of_the_course_are_worth_unfolding(course: Course, name: str) -> None:
    hints = course.exercise(name).hints
    if not hints:
        pytest.skip(f"{name} has no hints yet")
    assert 4 <= len(hints) <= 6
    solution = {line.strip() for line in course.reference(name).read_text("utf-8").splitlines()}
    for hint in hints:
        assert 30 < len(hint) < 400
        assert not [line for line in solution if len(line) > 12 and line in hint], "it gives a line away"


def test_the_command_unfolds_them(tmp_path: Path) -> None:
    first, second, every, none = (
        grader("hint", "line", *more, XDG_STATE_HOME=str(tmp_path), COLUMNS="200")
        for more in ([], [], ["--all"], [])
    )
    assert {ran.returncode for ran in (first, second, every, none)} == {0}
    assert first.stdout.decode().startswith("line, hint 1 of 6\n")
    assert "The next one: grader hint line" in first.stdout.decode()
    assert second.stdout.decode().startswith("line, hint 2 of 6\n")
    assert "That was the last hint. grader check line.py" in every.stdout.decode()
    assert none.stdout.decode().startswith("All 6 hints of line have been shown")
    assert "grader explain" in none.stdout.decode()
    kept = json.loads((tmp_path / "autograd-grader" / "hints.json").read_text())
    assert kept["shown"] == {str(ROOT): {"line": 6}}


def test_the_command_says_that_its_memory_was_broken(tmp_path: Path) -> None:
    (tmp_path / "autograd-grader").mkdir()
    (tmp_path / "autograd-grader" / "hints.json").write_text("{")
    ran = grader("hint", "line", XDG_STATE_HOME=str(tmp_path))
    assert ran.returncode == 0
    assert "taken as empty" in complaint(ran)
    assert b"hint 1 of 6" in ran.stdout


def test_all_and_restart_exclude_each_other(tmp_path: Path) -> None:
    ran = grader("hint", "line", "--all", "--restart", XDG_STATE_HOME=str(tmp_path))
    assert (ran.returncode, ran.stdout) == (2, b"")
    assert "name one of them" in complaint(ran)
