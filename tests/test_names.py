"""What the names of the systems' files and folders say."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grader.submission import names
from grader.submission.names import CanvasName, MoodleName

KNOWN = ("line", "quadratic", "week-1")


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("doejane_4711_98765_quadratic.py", CanvasName("doejane", "4711", 98765, "quadratic.py", False)),
        ("doejane_LATE_4711_98_q.py", CanvasName("doejane", "4711", 98, "q.py", True)),
        ("doejane_late_4711_98_q.py", CanvasName("doejane", "4711", 98, "q.py", True)),
        ("o'brienséan_1_2_my file (1).py", CanvasName("o'brienséan", "1", 2, "my file (1).py", False)),
        ("李-smith_1_2_quadratic-1.py", CanvasName("李-smith", "1", 2, "quadratic-1.py", False)),
        ("doe_1_2_3_4_q.py", CanvasName("doe", "1", 2, "3_4_q.py", False)),
        ("anon_5rT2x_98_q.py", CanvasName("anon 5rT2x", "5rT2x", 98, "q.py", False)),
        ("anon_LATE_5rT2x_98_q.py", CanvasName("anon 5rT2x", "5rT2x", 98, "q.py", True)),
        ("anon_5rT2x_LATE_98_q.py", CanvasName("anon 5rT2x", "5rT2x", 98, "q.py", True)),
        ("anon_77_98_q.py", CanvasName("anon 77", "77", 98, "q.py", False)),
        ("doejane_4711_text.html", CanvasName("doejane", "4711", 0, "text.html", False)),
        ("doejane_LATE_4711_link.html", CanvasName("doejane", "4711", 0, "link.html", True)),
        ("anon_5rT2x_text.html", CanvasName("anon 5rT2x", "5rT2x", 0, "text.html", False)),
    ],
)
def test_a_canvas_name_is_taken_apart(name: str, found: CanvasName) -> None:
    assert names.canvas_name(name) == found


@pytest.mark.parametrize(
    "name",
    ["quadratic.py", "ada_quadratic.py", "ada_1_quadratic.py", "_1_2_q.py", "doe_1_2_", "a_b_text.html"],
)
def test_other_names_are_none_of_canvas(name: str) -> None:
    assert names.canvas_name(name) is None


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Jane Doe_4711_assignsubmission_file", MoodleName("Jane Doe", "4711", "")),
        ("Jane Doe_4711_assignsubmission_file_", MoodleName("Jane Doe", "4711", "")),
        ("Zoë O'Neil-Ø_1_assignsubmission_onlinetext", MoodleName("Zoë O'Neil-Ø", "1", "")),
        ("Participant_12_assignsubmission_file", MoodleName("Participant", "12", "")),
        ("Jane Doe_4711_assignsubmission_file_line.py", MoodleName("Jane Doe", "4711", "line.py")),
        ("Group_A Jane_4711_assignsubmission_file_", MoodleName("Group_A Jane", "4711", "")),
        ("Jane Doe", None),
        ("Jane Doe_x_assignsubmission_file", None),
        ("_assignsubmission_file", None),
    ],
)
def test_a_moodle_name_is_taken_apart(name: str, found: MoodleName | None) -> None:
    assert names.moodle_name(name) == found


def test_the_attempt_is_the_innermost_folders() -> None:
    assert [names.attempt(f) for f in ([], ["x"], ["Attempt 2"], ["attempt_1", "attempt3"])] == [0, 0, 2, 3]


@pytest.mark.parametrize(
    ("name", "exercise"),
    [
        ("quadratic.py", "quadratic"),
        ("Quadratic.IPYNB", "quadratic"),
        ("quadratic-1.py", "quadratic"),
        ("quadratic (1).py", "quadratic"),
        ("quadratic(12)-3.py", "quadratic"),
        ("quadratic - Copy.py", "quadratic"),
        ("Copy of quadratic.ipynb", "quadratic"),
        ("ＱＵＡＤＲＡＴＩＣ.py", "quadratic"),
        (" quadratic .py", "quadratic"),
        ("week 1.py", "week-1"),
        ("Week_1-2.py", "week-1"),
        ("week-2.py", None),
        ("quadratics.py", None),
        ("my quadratic.py", None),
        ("quadratic.txt.py", None),
        ("-1.py", None),
        ("(1).py", None),
        (".py", None),
    ],
)
def test_a_file_is_named_after_an_exercise(name: str, exercise: str | None) -> None:
    assert names.exact(name, KNOWN) == exercise


def test_later_copies_have_higher_versions() -> None:
    ordered = ["q.py", "q (1).py", "q-1.py", "q-2.py", "q (3)-2.py", "q-10.py"]
    versions = [names.versioned(name).versions for name in ordered]
    assert versions == sorted(versions) and len(set(versions)) == 5
    assert {names.versioned(name).text for name in ordered} == {"q"}


@pytest.mark.parametrize(
    ("name", "exercise", "rest"),
    [
        ("ada_quadratic.py", "quadratic", "ada"),
        ("hw3 Quadratic final.py", "quadratic", "hw3  final"),
        ("line-zoë.ipynb", "line", "zoë"),
        ("week_1_bo.py", "week-1", "bo"),
        ("headline.py", None, ""),
        ("line_quadratic.py", None, ""),
        ("ada.py", None, ""),
    ],
)
def test_an_exercise_may_be_one_of_the_words(name: str, exercise: str | None, rest: str) -> None:
    assert names.loose(name, KNOWN) == exercise
    if exercise:
        assert names.without(name, exercise) == rest


NAME = st.text(alphabet=st.sampled_from("ab_-.()19 LATEanonéß\u202e\0\n\ud800٣"), max_size=40) | st.text(
    max_size=40
)


@given(NAME)
@example("_" * 255)
@example("1_" * 127)
@example("9" * 120 + "_" + "9" * 120 + "_x")
@example("quadratic" + " (1)" * 60)
@example("a copy" * 40)
def test_no_name_is_too_odd(name: str) -> None:
    canvas = names.canvas_name(name)
    assert canvas is None or (canvas.file and name.endswith(canvas.file) and canvas.id in name)
    moodle = names.moodle_name(name)
    assert moodle is None or moodle.id.isdigit()
    assert names.exact(name, KNOWN) in (None, *KNOWN)
    loose = names.loose(name, KNOWN)
    assert loose is None or len(names.without(name, loose)) < len(name)
    assert len(names.versioned(name).versions) <= 3
    assert names.attempt(name.split("/")) >= 0


@given(
    st.from_regex(r"[a-zé'-]{1,12}", fullmatch=True), st.booleans(),
    st.integers(1, 10**9), st.integers(1, 10**9),
    st.from_regex(r"[A-Za-z0-9 _.()-]{1,20}\.py", fullmatch=True),
)  # fmt: skip
def test_whatever_canvas_writes_is_read_back(
    student: str, late: bool, user: int, number: int, file: str
) -> None:
    written = f"{student}{'_LATE' * late}_{user}_{number}_{file}"
    if student != "anon":
        assert names.canvas_name(written) == CanvasName(student, str(user), number, file, late)
