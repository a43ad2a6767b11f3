"""A new exercise works as it stands, and nothing is written over to make it."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.cli.new import Kind
from grader.errors import AlreadyThere, CourseError, UsageError
from grader.exercise import Course
from grader.skeleton import FOLDERS, check_id, course_folder, new_exercise
from grader.verify import verify_course
from tests.command import ROOT, complaint, grader

KINDS = sorted(folder.name for folder in (ROOT / "grader" / "skeletons").iterdir())


def test_the_command_offers_every_kind_that_there_is() -> None:
    assert [kind.value for kind in Kind] == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_a_skeleton_is_whole_and_readable(tmp_path: Path, kind: str) -> None:
    written = new_exercise(tmp_path, "cubic_2", kind)
    assert written == [tmp_path / folder / "cubic_2.py" for folder in FOLDERS]
    exercise = Course(tmp_path).exercise("cubic_2")
    assert exercise.max_score == 100 and exercise.hints and exercise.cases()
    for path in written:
        text = path.read_text("utf-8")
        assert "$" not in text and text.endswith("\n")
        assert max(map(len, text.splitlines())) <= 110


def test_a_fresh_course_of_one_fit_is_proved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """But for the forty mistakes that are made out of its reference: those take half a minute."""
    monkeypatch.setattr("grader.verify.mutations", lambda *_: iter(()))
    monkeypatch.setattr("grader.verify.JOBS", 1)
    new_exercise(tmp_path, "parabola", "fit")
    checks = verify_course(Course(tmp_path))
    assert [check.kind for check in checks] == ["files", "files", "reference", "template", "known mistake"]
    assert [check.found for check in checks if not check.passed] == []


def test_two_exercises_in_one_course(tmp_path: Path) -> None:
    for name, kind in zip(("one", "two"), KINDS, strict=True):
        new_exercise(tmp_path, name, kind)
    assert [exercise.id for exercise in Course(tmp_path).exercises()] == ["one", "two"]


@pytest.mark.parametrize("folder", FOLDERS)
def test_nothing_is_written_where_one_of_the_files_is_there(tmp_path: Path, folder: str) -> None:
    (tmp_path / folder).mkdir()
    (tmp_path / folder / "mine.py").write_text("mine")
    with pytest.raises(AlreadyThere, match=r"mine.py' is there already.*nothing was written"):
        new_exercise(tmp_path, "mine", "fit")
    assert [path.read_text() for path in tmp_path.rglob("*.py")] == ["mine"]


def test_what_cannot_be_written_in_full_is_not_written_at_all(tmp_path: Path) -> None:
    (tmp_path / "student_template").write_text("a file where the folder should be")
    with pytest.raises(UsageError, match="Cannot make the folder"):
        new_exercise(tmp_path, "mine", "fit")
    assert not list(tmp_path.rglob("*.py"))


@pytest.mark.parametrize(
    ("wrong", "offered"),
    [
        ("My-Curve", "my_curve"),
        ("2nd order", "nd_order"),
        ("../evil", "evil"),
        ("_shared", "shared"),
        ("", "my_exercise"),
        ("ünï", "n"),
        ("a" * 41, "a" * 40),
        ("line\n", "line"),
        ("torch", "torch_exercise"),
        ("random", "random_exercise"),
        ("lambda", "lambda_exercise"),
    ],
)
def test_an_id_that_will_not_do_is_refused_with_one_that_would(wrong: str, offered: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_id(wrong)
    assert f"'{offered}'" in str(caught.value)
    check_id(offered)


def test_where_a_new_exercise_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert course_folder(tmp_path / "to be made") == tmp_path / "to be made"
    with pytest.raises(CourseError, match="--exercises PATH"):
        course_folder(None)
    (tmp_path / "exercises").mkdir()
    assert course_folder(None) == Path()
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="is a file"):
        course_folder(tmp_path / "file")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("new", "My-Curve", "--exercises", "c"), "as in 'my_curve'"),
        (("new", "curve"), "--exercises PATH"),
        (("new", "curve", "--exercises", "c", "--kind", "game"), "'--kind'"),
    ],
)
def test_a_wrong_command_line_is_one_clear_line(
    tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    ran = grader(*arguments, cwd=tmp_path)
    assert ran.returncode == 2
    assert said in complaint(ran)
    assert not list(tmp_path.iterdir())
