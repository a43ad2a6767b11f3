"""What a course decides: read from ``policy.toml``, refused in one line where it says nothing of use."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from grader.errors import CourseError
from grader.exercise import Course, find_course
from grader.policy import Policy, read_policy
from tests.command import ROOT, complaint, grader

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
KNOWN = ("line", "quadratic")


def written(folder: Path, text: str) -> Path:
    file = folder / "policy.toml"
    file.write_text(text)
    return file


def complaint_of(folder: Path, text: str) -> str:
    file = written(folder, text)
    with pytest.raises(CourseError) as caught:
        read_policy(file, "line", KNOWN)
    said = str(caught.value)
    assert said.startswith(str(file)) and "\n" not in said
    return said.removeprefix(str(file))


@pytest.mark.parametrize(
    ("suggest", "hours", "shown"),
    [
        ("never", 0, False),
        ("never", 1, False),
        ("after the deadline", -1, False),
        ("after the deadline", 0, True),
        ("after the deadline", 1, True),
        ("always", -1, True),
        ("always", 1, True),
    ],
)
def test_when_a_suggestion_is_shown(suggest: str, hours: int, shown: bool) -> None:
    policy = Policy.model_validate({"suggest": suggest, "deadline": NOW})
    assert policy.shows_suggestions(NOW + timedelta(hours=hours)) is shown


def test_without_a_file_nothing_is_suggested_and_a_mistake_costs_all(tmp_path: Path) -> None:
    policy = read_policy(tmp_path / "policy.toml", "line", KNOWN)
    assert policy == Policy(suggest="never", deadline=None, confirmed_share=0.0)


def test_an_exercise_goes_before_the_course(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        'suggest = "after the deadline"\ndeadline = 2026-12-01T12:00:00Z\nconfirmed_share = 1\n'
        "[exercises.quadratic]\ndeadline = 2026-12-08T12:00:00+01:00\n",
    )
    line, quadratic = (read_policy(file, name, KNOWN) for name in KNOWN)
    assert line.deadline == NOW and line.confirmed_share == quadratic.confirmed_share == 1.0
    assert quadratic.suggest == "after the deadline" and quadratic.deadline is not None
    assert quadratic.deadline - NOW == timedelta(days=7, hours=-1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("suggest = 'sometimes'", "expected 'never', 'after the deadline' or 'always'"),
        ("suggest = 'after the deadline'", "needs a deadline"),
        ("deadline = 2026-12-01T12:00:00", "12:00:00: expected a date, a time and a time zone"),
        ("deadline = 2026-12-01", "a time zone"),
        ("deadline = '2026-12-01T12:00:00Z'", "without quotes"),
        ("confirmed_share = 1.5", "confirmed_share = 1.5: expected a number from 0 to 1"),
        ("confirmed_share = nan", "expected a number from 0 to 1"),
        ("confirmed_share = true", "expected a number from 0 to 1"),
        ("sugest = 'never'", "'sugest' is nothing that a policy says. It says suggest,"),
        ("[exercises.cubic]", "there is no exercise 'cubic'. Known: line, quadratic"),
        ("[exercises.quadratic]\nsuggest = 1", ", quadratic: suggest = 1: expected 'never'"),
        ("exercises = 3", "'exercises' holds a table for each exercise: [exercises.line]"),
        ("[exercises]\nline = 'always'", "'exercises' holds a table for each exercise"),
        ("suggest = ", "is no TOML"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_told_where_and_what_would_do(
    tmp_path: Path, text: str, said: str
) -> None:
    assert said in complaint_of(tmp_path, text)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_bytes(b"suggest = '\xff'")
    with pytest.raises(CourseError, match="no UTF-8 text"):
        read_policy(file, "line", KNOWN)
    file.unlink()
    file.mkdir()
    with pytest.raises(CourseError, match="cannot be read: Is a directory"):
        read_policy(file, "line", KNOWN)


def test_a_deadline_in_no_time_zone_is_refused_by_the_policy_itself() -> None:
    with pytest.raises(ValidationError):
        Policy(deadline=datetime(2026, 12, 1))


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """The exercise ``line`` of a course that may have a policy."""
    for folder in ("exercises", "reference", "student_template"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "line.py").write_text((ROOT / folder / "line.py").read_text())
    return find_course(tmp_path)


def test_a_course_gives_its_exercises_their_policy(course: Course) -> None:
    assert course.exercise("line").policy == Policy()
    written(course.root, 'suggest = "always"')
    assert course.exercise("line").policy.suggest == "always"


def test_a_bad_policy_ends_the_command_in_one_line(course: Course) -> None:
    written(course.root, "[exercises.line]\nsuggest = 'Always'")
    file = course.reference("line")
    done = grader("check", file, "--exercises", course.root, "--format", "json")
    assert done.returncode == 2 and done.stdout == b""
    assert "policy.toml, line: suggest = Always: expected 'never'" in complaint(done)
