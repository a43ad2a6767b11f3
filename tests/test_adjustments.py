"""What a person decides: read with one clear line for every mistake, applied beside the grader's score."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.adjustments import TEMPLATE, AdjustedScore, Adjustment, Adjustments, adjusted, apply, read
from grader.errors import UsageError
from grader.records import Result
from tests import handmade

CLASS = [("17", "Ada Lovelace"), ("", "Émile"), ("4", "Ann"), ("5", "Ann"), ("", "=SUM(1)")]
HIGHEST = {"quadratic": 100.0, "line": 50.0}


def written(folder: Path, text: str, name: str = "adjustments.toml") -> Adjustments:
    path = folder / name
    path.write_text(text, "utf-8")
    return read(path)


def entry(**fields: object) -> Adjustments:
    made = Adjustment.model_validate({"student": "Ada Lovelace", "exercise": "quadratic", **fields})
    return Adjustments(entries=(made,), file="a.toml")


def by(name: str, number: str = "", result: Result | None = None) -> Result:
    made = result or handmade.failed()
    info = made.submission.model_copy(update={"name": name, "student_id": number})
    return made.model_copy(update={"submission": info})


@pytest.mark.parametrize(
    ("fields", "score", "told"),
    [
        ({"points": 5}, 45, "+5 points"),
        ({"points": -1}, 39, "-1 point"),
        ({"points": -60}, 0, "-60 points"),
        ({"points": 75}, 100, "+75 points"),
        ({"score": 80}, 80, "set to 80"),
        ({"excused": True}, None, "excused"),
        ({"comment": "Well done."}, 40, ""),
    ],
)
def test_a_decision_is_applied_and_the_graders_score_stays(
    fields: dict[str, object], score: float | None, told: str
) -> None:
    got = adjusted(by("Ada Lovelace"), entry(**fields))
    assert (got.machine, got.score, got.told, got.max_score) == (40, score, told, 100)
    assert got.by_hand and got.excused == ("excused" in fields)


def test_what_was_not_graded_has_a_score_only_where_one_is_set() -> None:
    ungraded = by("Ada Lovelace", result=handmade.ungraded())
    assert adjusted(ungraded, entry(score=70)).score == 70
    assert adjusted(ungraded, entry(points=5)).score is None
    assert adjusted(ungraded, Adjustments()) == AdjustedScore(machine=None, score=None, max_score=100)


def test_the_id_goes_before_the_name_and_this_exercise_before_any(tmp_path: Path) -> None:
    both = written(
        tmp_path,
        '[[adjustment]]\nstudent = "Ann"\ncomment = "name"\n'
        '[[adjustment]]\nstudent = 4\nexercise = "line"\ncomment = "line"\n'
        '[[adjustment]]\nstudent = "4"\ncomment = "any"\n',
    )
    assert [
        adjusted(by("Ann", number).model_copy(update={"exercise": exercise}), both).comment
        for number, exercise in (("4", "line"), ("4", "quadratic"), ("5", "line"))
    ] == ["line", "any", "name"]
    assert not adjusted(by("Bob", "6"), both).by_hand


def test_names_are_compared_as_people_do(tmp_path: Path) -> None:
    decided = written(tmp_path, '[[adjustment]]\nstudent = "E\u0301MILE "\nscore = 1\n')
    assert adjusted(by("Émile"), decided).score == 1
    assert decided.check(CLASS, {"quadratic": 100.0}) == ()


def test_a_spreadsheet_filled_in_is_read(tmp_path: Path) -> None:
    text = (
        "student;exercise;points;score;excused;comment;by\r\n"
        "Ada Lovelace;quadratic;+5;;;a, b;N. T.\r\nÉmile;quadratic;;;;;\r\n'=SUM(1);line;;50;no;;\r\n"
    )
    got = written(tmp_path, "\ufeff" + text, "adjustments.csv")
    assert [(e.student, e.points, e.score, e.comment, e.by) for e in got.entries] == [
        ("Ada Lovelace", 5, None, "a, b", "N. T."),
        ("'=SUM(1)", None, 50, "", ""),
    ]
    assert got.check(CLASS, HIGHEST) == ()
    assert got.of("line", "", "=SUM(1)") == got.entries[1]
    assert got.of("quadratic", "", "=SUM(1)") is None


def test_the_template_decides_nothing_and_shows_what_works(tmp_path: Path) -> None:
    assert read(TEMPLATE).entries == ()
    text = "".join(
        line.removeprefix("# ")
        for line in TEMPLATE.read_text("utf-8").splitlines(keepends=True)
        if line.startswith(("# [[", "# student", "# exercise", "# points", "# comment", "# by"))
    )
    (shown,) = written(tmp_path, text).entries
    assert (shown.student, shown.points, shown.by) == ("Ada Lovelace", 5, "N. Turing")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[adjustment]\n", "is no TOML: .*line 1"),
        ("x = " + "[" * 5000, "is no TOML"),
        ("[[adjustments]]\n", "'adjustments' is not known here. Begin each entry with"),
        ("adjustment = 3\n", "Begin each entry with"),
        ("adjustment = [3]\n", "entry 1: "),
        ('[[adjustment]]\nscore = 3\n', "entry 1: student: Field required"),
        ('[[adjustment]]\nstudent = "A"\n', "entry 1: it says nothing"),
        ('[[adjustment]]\nstudent = "A"\nscore = 3\npoints = 1\n', "points and score exclude each other"),
        ('[[adjustment]]\nstudent = "A"\nscore = "3"\n', "entry 1: score: "),
        ('[[adjustment]]\nstudent = "A"\nscore = -1\n', "score: .*greater than or equal to 0"),
        ('[[adjustment]]\nstudent = "A"\npoints = nan\n', "points: .*finite"),
        ('[[adjustment]]\nstudent = "A"\ngrade = 1\n', "grade: unknown here. Known: student, exercise"),
        ('[[adjustment]]\nstudent = "A"\nscore = 1\n' * 2, r"entry 2 \(A\): entry 1 is for the same work"),
    ],
)  # fmt: skip
def test_a_broken_file_is_one_clear_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as raised:
        written(tmp_path, text)
    assert "adjustments.toml'" in str(raised.value) and "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,score\nA,3\n", "no column 'student'"),
        ("student,score\nA,3,4\n", "more cells"),
        ('student,comment\nA,"x\n', "is no CSV"),
        ("student,score\nA,much\n", "entry 1: score: "),
        ("student,excused\nA,perhaps\n", "entry 1: excused: "),
    ],
)
def test_a_broken_table_is_one_clear_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        written(tmp_path, text, "a.csv")


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        read(tmp_path / "none.toml")
    with pytest.raises(UsageError, match="is no file"):
        read(tmp_path)
    (tmp_path / "latin.toml").write_bytes(b'[[adjustment]]\nstudent = "\xc9mile"\n')
    with pytest.raises(UsageError, match="not UTF-8 at byte 27"):
        read(tmp_path / "latin.toml")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"student": "Ann", "score": 1}, "2 students are called that: give the id"),
        ({"exercise": "cubic", "score": 1}, "no exercise 'cubic', it has quadratic, line"),
        ({"exercise": "", "score": 1}, "say which exercise it is for"),
        ({"exercise": "line", "score": 51}, "score = 51 is above the highest, 50"),
        ({"exercise": "line", "points": -51}, r"points = -51 is more than there are, 50"),
    ],
)
def test_what_cannot_be_applied_is_told_before_a_class_is_graded(
    fields: dict[str, object], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        entry(**fields).check(CLASS, HIGHEST)


def test_who_is_not_in_the_class_is_returned() -> None:
    decided = entry(student="Nobody", score=3)
    assert decided.check(CLASS, HIGHEST) == decided.entries
    assert entry(student="17", exercise="", comment="x").check(CLASS, HIGHEST) == ()


@given(
    st.floats(0, 100) | st.none(),
    st.floats(-100, 100),
)
def test_points_never_lead_out_of_the_range(machine: float | None, points: float) -> None:
    got = apply(machine, 100.0, Adjustment(student="A", points=points))
    assert (got.score is None) == (machine is None)
    assert got.score is None or 0 <= got.score <= 100
