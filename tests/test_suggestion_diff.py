"""Diffs that patch and git apply, whatever the file is called and however its lines end."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.exercise import find_course
from grader.records import Submission
from grader.submission import submission_of as read
from grader.suggestion.diff import diff_of, lines_changed
from tests.grading import submission_of
from tests.notebooks import Cell, notebook

LINE = find_course().exercise("line")
OLD = "import torch\n\ndef fit(x):\n    w = 1\n    b = 2\n    return w, b\n"
NEW = OLD.replace("    b = 2\n", "    b = 3\n    c = 4\n")


def handed_in(source: str, path: str = "line.py") -> Submission:
    return submission_of(source, LINE).model_copy(update={"path": path})


def test_a_diff_names_the_file_and_shows_the_lines_around() -> None:
    assert diff_of(handed_in(OLD), NEW).splitlines() == [
        "--- line.py",
        "+++ line.py",
        "@@ -2,5 +2,6 @@",
        " ",
        " def fit(x):",
        "     w = 1",
        "-    b = 2",
        "+    b = 3",
        "+    c = 4",
        "     return w, b",
    ]


APPLY = (["patch", "-p0", "--binary", "-i", "the.diff"], ["git", "apply", "-p0", "the.diff"])


@pytest.mark.parametrize("command", APPLY, ids=["patch", "git"])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (OLD, NEW),
        (OLD.replace("\n", "\r\n"), NEW.replace("\n", "\r\n")),
        (OLD.rstrip("\n"), NEW.rstrip("\n")),
        (OLD.rstrip("\n"), OLD + "d = 1"),
        (OLD, NEW.rstrip("\n")),
        (OLD.replace("w", "é"), NEW.replace("w", "é")),
    ],
    ids=["plain", "crlf", "no newline", "added at the end", "newline lost", "utf-8"],
)
@pytest.mark.parametrize("name", ["line.py", "my line (2).py"])
def test_it_is_applied_by_the_tools_that_people_have(
    tmp_path: Path, command: list[str], old: str, new: str, name: str
) -> None:
    submission = handed_in(old, path=f"class/{name}")
    called = diff_of(submission, new).splitlines()[0].removeprefix("--- ").rstrip("\t")
    (tmp_path / called).write_bytes(old.encode())
    (tmp_path / "the.diff").write_bytes(diff_of(submission, new).encode())
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / called).read_bytes() == new.encode()


def test_a_hostile_name_says_nothing_in_a_patch() -> None:
    diff = diff_of(handed_in(OLD, path="a/x\n+++ /etc/passwd\x1b[2J\t<b>.py"), NEW)
    assert diff.splitlines()[:2] == ["--- passwd__2J__b_.py", "+++ passwd__2J__b_.py"]


def test_a_notebook_has_a_diff_for_each_cell_that_changes() -> None:
    cells: list[Cell] = ["import torch", ("markdown", "words"), "a = 1\nb = 2", "c = 3\nd = 4"]
    submission = read(notebook(*cells), LINE, name="n", path="n.ipynb")
    edited = submission.source.replace("a = 1\n", "a = 1\nmore = 1\n").replace("c = 3\n", "c = 5\n")
    diff = diff_of(submission, edited)
    assert diff.splitlines() == [
        "--- cell 3",
        "+++ cell 3",
        "@@ -1,2 +1,3 @@",
        " a = 1",
        "+more = 1",
        " b = 2",
        "--- cell 4",
        "+++ cell 4",
        "@@ -1,2 +1,2 @@",
        "-c = 3",
        "+c = 5",
        " d = 4",
    ]


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        ("a\nb\nc\n", "a\nb\nc\n", 0),
        ("a\nb\nc\n", "a\nx\nc\n", 1),
        ("a\nb\nc\n", "a\nc\n", 1),
        ("a\nb\nc\n", "a\nb\nx\ny\nc\n", 2),
        ("a\nb\nc\n", "b\nc\na\n", 1),
        ("a\nb\n", "with:\n a\n b\n", 3),
        ("a\nb\nc\nd\n", "x\nb\nc\ny\n", 2),
    ],
)
def test_lines_are_counted_as_taken_away_or_put_there_whichever_is_more(
    old: str, new: str, lines: int
) -> None:
    assert lines_changed(old, new) == lines


texts = st.lists(st.sampled_from(["a", "b", "-- c", "@@", "\\ d", ""]), max_size=9).map("\n".join)


@settings(max_examples=60, deadline=None)
@given(texts, texts)
def test_a_diff_says_the_whole_of_both_sides_of_what_changed(old: str, new: str) -> None:
    """Whatever the lines are, those of the hunks are the two texts'."""
    body = diff_of(handed_in(old), new).split("\n")[2:]
    taken = [line[1:] for line in body if line[:1] == "-"]
    put = [line[1:] for line in body if line[:1] == "+"]
    assert (not taken and not put) == (old == new)
    assert len(taken) <= old.count("\n") + 1 and len(put) <= new.count("\n") + 1
    assert set(taken) <= set(old.split("\n")) and set(put) <= set(new.split("\n"))
