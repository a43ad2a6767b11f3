"""Reading what was handed in."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from grader.errors import SubmissionError
from grader.exercise import Course
from grader.submission import MOST_BYTES, form_of, read_submission


def test_a_file_is_read_with_its_name_and_its_sum(course: Course, tmp_path: Path) -> None:
    path = tmp_path / "ada.py"
    path.write_bytes("w = 'é'\r\n".encode())
    found = read_submission(path, course.exercise("line"))
    assert (found.name, found.path) == ("ada", str(path))
    assert found.source == "w = 'é'\r\n" and found.problem is None
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert read_submission(path, course.exercise("line"), "week 1/ada").name == "week 1/ada"


def test_a_byte_order_mark_is_no_part_of_the_source(course: Course, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"\xef\xbb\xbfw = 1\n")
    assert read_submission(path, course.exercise("line")).source == "w = 1\n"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"x = 1\ny = '\xe9'\n", "Line 2 is not UTF-8"),
        ("x = 1\n".encode("utf-16"), "NUL bytes"),
        (b"x\0", "NUL bytes"),
        (b"#" * (MOST_BYTES + 1), "larger than 1024 KiB"),
    ],
)
def test_bytes_that_are_no_text_are_a_submission_with_a_problem(
    course: Course, tmp_path: Path, data: bytes, words: str
) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(data)
    found = read_submission(path, course.exercise("line"))
    assert found.source == "" and found.problem is not None and words in found.problem


def test_the_largest_file_that_is_read(course: Course, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"#" * MOST_BYTES)
    found = read_submission(path, course.exercise("line"))
    assert found.problem is None and len(found.source) == MOST_BYTES


def test_a_file_that_is_missing_is_an_error(course: Course, tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match="There is no file"):
        read_submission(tmp_path / "nobody.py", course.exercise("line"))


def test_a_folder_is_an_error(course: Course, tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match="is a folder"):
        read_submission(tmp_path, course.exercise("line"))


def test_a_pipe_that_nobody_writes_to_is_an_error_at_once(course: Course, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    started = time.monotonic()
    with pytest.raises(SubmissionError, match="no regular file"):
        read_submission(tmp_path / "pipe.py", course.exercise("line"))
    assert time.monotonic() - started < 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read anything")
def test_a_file_that_may_not_be_read_is_an_error(course: Course, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.touch(0)
    with pytest.raises(SubmissionError, match="may not be read"):
        read_submission(path, course.exercise("line"))


def test_a_name_that_is_too_long_is_an_error(course: Course, tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match="cannot be read"):
        read_submission(tmp_path / ("x" * 300), course.exercise("line"))


@pytest.mark.parametrize(
    ("source", "form"),
    [
        ("def fit(x, y, lr, steps): ...", "function"),
        ("def fit(x, y, lr, steps): ...\nw = b = 1", "function"),
        ("def fit(data): ...\nw = b = 1", "script"),
        ("def fit(data): ...", "function"),
        ("fit = lambda x, y, lr, steps: 0", "function"),
        ("from helpers import fit\nw = b = 1", "function"),
        ("w, b = 1, 2", "script"),
        ("for i in range(3):\n    w = i\n    b = i", "script"),
        ("w = 1", "function"),
        ("", "function"),
        ("def fit(x, y, lr, steps)\n", "function"),
        ("if __name__ == '__main__':\n    w = b = 1", "script"),
    ],
)
def test_the_form_is_a_functions_unless_only_the_names_are_there(
    course: Course, source: str, form: str
) -> None:
    assert form_of(source, course.exercise("line")) == form


def test_the_names_are_the_exercises(course: Course) -> None:
    assert form_of("w = b = 1", course.exercise("quadratic")) == "function"
    assert form_of("a = b = c = 1", course.exercise("quadratic")) == "script"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
@example(b"\xff\xfe")
@example(b"# coding: latin-1\nw = '\xe9'\n")
def test_any_bytes_are_a_submission(course: Course, tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "any.py"
    path.write_bytes(data)
    found = read_submission(path, course.exercise("line"))
    assert (found.problem is None) or found.source == ""
    found.model_dump_json()
