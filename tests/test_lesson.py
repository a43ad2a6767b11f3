"""The exercises in the lesson's order, and how they are handed out."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.exercise import Course, find_course
from grader.report.lesson import again
from tests.command import ROOT, complaint, grader

EXERCISES = find_course().exercise_ids()


def make_course(root: Path, **places: int) -> Course:
    """A course whose exercises are copies of ``line`` in other places."""
    for folder in ("exercises", "student_template"):
        (root / folder).mkdir(parents=True)
    text = (ROOT / "exercises" / "line.py").read_text("utf-8")
    for name, place in places.items():
        own = text.replace('id="line"', f'id="{name}"').replace("place=8", f"place={place}")
        (root / "exercises" / f"{name}.py").write_text(own, "utf-8")
        (root / "student_template" / f"{name}.py").write_text(f"# {name}\n", "utf-8")
    return Course(root)


def test_the_order_is_by_place_and_then_by_id(tmp_path: Path) -> None:
    course = make_course(tmp_path, zebra=1, cat=2, ant=2, bee=0)
    assert [exercise.id for exercise in course.exercises()] == ["bee", "zebra", "ant", "cat"]


def test_the_course_that_came_along_is_in_order() -> None:
    places = [exercise.place for exercise in find_course().exercises()]
    assert places == sorted(set(places)) and places[0] > 0
    assert {"line": 8, "quadratic": 9}.items() <= {e.id: e.place for e in find_course().exercises()}.items()


def test_list_is_plain_and_fits_80_columns() -> None:
    ran = grader("list")
    text = ran.stdout.decode()
    assert ran.returncode == 0
    assert max(map(len, text.splitlines())) <= 80
    heads = [line.split()[0] for line in text.splitlines() if line.endswith(" points")]
    assert heads == [exercise.id for exercise in find_course().exercises()]
    for exercise in find_course().exercises():
        assert exercise.section in text and f"{exercise.max_score:g} points" in text
    assert f"Begin with: grader start {heads[0]}" in text


def test_list_of_a_course_of_ones_own(tmp_path: Path) -> None:
    make_course(tmp_path, zebra=1, ant=2)
    text = grader("list", "--exercises", tmp_path, COLUMNS="200").stdout.decode()
    assert text.index("zebra ") < text.index("ant ")
    assert f"grader start zebra --exercises {tmp_path}" in text


def test_list_of_a_course_with_nothing_in_it(tmp_path: Path) -> None:
    (tmp_path / "exercises").mkdir()
    ran = grader("list", "--exercises", tmp_path, COLUMNS="200")
    assert ran.returncode == 0
    assert "has no exercise yet" in ran.stdout.decode()


def test_a_title_that_is_hostile_is_shown_and_not_obeyed(tmp_path: Path) -> None:
    make_course(tmp_path, ant=1)
    file = tmp_path / "exercises" / "ant.py"
    file.write_text(file.read_text("utf-8").replace('title="Fit', 'title="\\x1b[2J[red]Fit'), "utf-8")
    text = grader("list", "--exercises", tmp_path).stdout
    assert b"\x1b" not in text and b"\\x1b[2J[red]Fit" in text


def test_a_broken_exercise_is_one_clear_line(tmp_path: Path) -> None:
    make_course(tmp_path, ant=1)
    (tmp_path / "exercises" / "bee.py").write_text("1 / 0\n")
    ran = grader("list", "--exercises", tmp_path)
    assert ran.returncode == 2
    assert "bee.py cannot be used: ZeroDivisionError" in complaint(ran)


def test_commands_to_type_next_find_the_same_course(tmp_path: Path) -> None:
    own = make_course(tmp_path / "my course", ant=1)
    assert again(find_course(), "check", "my file.py") == "grader check 'my file.py'"
    assert again(own, "hint", "ant") == f"grader hint ant --exercises '{tmp_path}/my course'"


def test_start_says_what_comes_next(tmp_path: Path) -> None:
    text = grader("start", "line", cwd=tmp_path).stdout.decode()
    for command in ("grader check line.py", "grader watch line.py", "grader hint line"):
        assert command in text


def test_start_all_hands_out_every_template_and_keeps_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "quadratic.py").write_text("mine")
    ran = grader("start", "--all", "work", cwd=tmp_path)
    text = ran.stdout.decode()
    assert ran.returncode == 0
    assert {path.stem for path in (tmp_path / "work").iterdir()} == set(EXERCISES)
    assert (tmp_path / "work" / "quadratic.py").read_text() == "mine"
    assert "left as it is: quadratic.py" in text and "Begin with work/" in text
    again_ = grader("start", "--all", "work", cwd=tmp_path)
    assert again_.returncode == 0
    assert "Wrote" not in again_.stdout.decode()


@pytest.mark.parametrize("arguments", [("start",), ("start", "line", "--all", "work")])
def test_start_wants_one_or_all(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    ran = grader(*arguments, cwd=tmp_path)
    assert ran.returncode == 2
    assert "Name one exercise (grader list shows them), or all of them" in complaint(ran)
    assert not list(tmp_path.iterdir())


def test_start_of_an_exercise_that_has_no_template_leaves_nothing_behind(tmp_path: Path) -> None:
    make_course(tmp_path / "course", ant=1)
    (tmp_path / "course" / "student_template" / "ant.py").unlink()
    ran = grader("start", "ant", tmp_path / "work", "--exercises", tmp_path / "course")
    assert ran.returncode == 2
    assert "There is no template" in complaint(ran)
    assert not (tmp_path / "work").exists()
