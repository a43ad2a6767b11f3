"""Classes of every system, plain ones, and the file that is picked for each student."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.submission.intake import take_in
from grader.submission.layout import Student
from grader.submission.layouts import recognise
from grader.submission.members import Member
from tests.classes import KNOWN, Files, arrived, laid_out, tarred, who, zipped
from tests.test_gradescope import EXPORT


def in_folder(
    tmp_path: Path, files: Files, *asked: str, name: str = "class"
) -> dict[tuple[str, str, str], str]:
    return who(take_in(laid_out(tmp_path / name, files), KNOWN, asked))


# --- Canvas -----------------------------------------------------------------------------------

CANVAS = {
    "doejane_11_501_quadratic.py": "old",
    "doejane_11_509_quadratic-1.py": "new",
    "o'neilzoë_LATE_12_502_line.py": "late",
    "anon_5rT2x_503_my solution (1).py": "anonymous",
    "noone_14_text.html": "<p>see mail</p>",
    "pdf_15_504_report.pdf": "%PDF",
    "README.md": "how to",
}


def test_a_canvas_download(tmp_path: Path) -> None:
    intake = arrived(tmp_path, CANVAS, "quadratic")
    assert intake.layout == "a Canvas download" and intake.students == 5
    assert who(intake) == {
        ("doejane", "11", "quadratic"): "new",
        ("o'neilzoë", "12", "quadratic"): (
            "No file for `quadratic` found: looked for quadratic.py or quadratic.ipynb among: line.py."
        ),
        ("anon 5rT2x", "5rT2x", "quadratic"): "anonymous",
        ("noone", "14", "quadratic"): (
            "No file for `quadratic` found: looked for quadratic.py or quadratic.ipynb among: text.html."
        ),
        ("pdf", "15", "quadratic"): (
            "No file for `quadratic` found: looked for quadratic.py or quadratic.ipynb among: report.pdf."
        ),
    }
    assert intake.notices == ("Nobody's by their names, and passed over: 'README.md'.",)
    notes = {entry.students[0].name: entry.notes for entry in intake.entries}
    assert notes["doejane"] == ("Graded: `quadratic-1.py`, the latest of 2. Not graded: `quadratic.py`.",)
    assert notes["anon 5rT2x"] == ("`my solution (1).py` was taken for `quadratic`: no file is called that.",)


def test_the_attachments_number_counts_before_the_suffix(tmp_path: Path) -> None:
    files = {"doe_1_20_quadratic.py": "later", "doe_1_9_quadratic-3.py": "earlier"}
    assert who(arrived(tmp_path, files, "quadratic")) == {("doe", "1", "quadratic"): "later"}


def test_late_hand_ins_say_so(tmp_path: Path) -> None:
    (entry,) = arrived(tmp_path, {"doe_LATE_1_2_line.py": "x"}).entries
    assert entry.notes == ("Handed in late.",)


def test_two_students_of_one_name_are_two(tmp_path: Path) -> None:
    files = {"doe_1_20_line.py": "a", "doe_2_21_line.py": "b"}
    assert who(arrived(tmp_path, files)) == {("doe", "1", "line"): "a", ("doe", "2", "line"): "b"}


# --- Moodle -----------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["", "_"])
def test_a_moodle_download(tmp_path: Path, ending: str) -> None:
    files = {
        f"Zoë O'Neil_11_assignsubmission_file{ending}/quadratic.py": "zoe's",
        f"Jane Doe_12_assignsubmission_file{ending}/hw/Quadratic.ipynb": "jane's",
        "Jane Doe_12_assignsubmission_onlinetext/onlinetext.html": "<p>",
        f"Jane Doe_13_assignsubmission_file{ending}/notes.txt": "",
    }
    intake = arrived(tmp_path, files, "quadratic")
    assert intake.layout == "a Moodle download"
    found = who(intake)
    assert found["Zoë O'Neil", "11", "quadratic"] == "zoe's"
    assert found["Jane Doe", "12", "quadratic"] == "jane's"
    assert "among: notes.txt" in found["Jane Doe", "13", "quadratic"]


def test_the_highest_attempt_counts(tmp_path: Path) -> None:
    files = {f"A B_1_assignsubmission_file/attempt {n}/line.py": f"{n}" for n in (2, 10, 9)}
    assert who(arrived(tmp_path, files)) == {("A B", "1", "line"): "10"}


def test_a_moodle_download_without_folders(tmp_path: Path) -> None:
    files = {"A B_1_assignsubmission_file_line.py": "a", "C D_2_assignsubmission_file_line.py": "c"}
    assert who(arrived(tmp_path, files)) == {("A B", "1", "line"): "a", ("C D", "2", "line"): "c"}


# --- Gradescope -------------------------------------------------------------------------------


def gradescope(metadata: str = EXPORT, **files: str) -> dict[str, str]:
    inside = {
        "submission_metadata.yml": metadata,
        **{k.replace("__", "/") + ".py": v for k, v in files.items()},
    }
    return {f"assignment_9_export/{name}": data for name, data in inside.items()}


def test_a_gradescope_export(tmp_path: Path) -> None:
    files = gradescope(submission_101__line="zoe's", submission_102__line="the group's")
    intake = arrived(
        tmp_path, {**files, "__MACOSX/assignment_9_export/._submission_metadata.yml": "x"}, "line"
    )
    assert intake.layout == "a Gradescope export"
    assert who(intake) == {
        ("Zoë O'Neil", "0042", "line"): "zoe's",
        ("Ada", "7", "line"): "the group's",
        ("Bo", "bo@example.edu", "line"): "the group's",
        ("No Number", "", "line"): (
            "No file for `line` found: looked for line.py or line.ipynb, and nothing at all was handed in."
        ),
    }
    groups = [entry.students for entry in intake.entries if len(entry.students) > 1]
    assert groups == [(Student("Ada", "7"), Student("Bo", "bo@example.edu"))]
    assert (intake.students, intake.results) == (4, 4)


def test_the_latest_submission_of_a_student_counts(tmp_path: Path) -> None:
    listing = "".join(
        f"submission_{n}:\n  :submitters:\n  - :name: Ada\n    :sid: 7\n  :created_at: 2026-03-0{day} 10:00\n"
        for n, day in ((5, 3), (6, 1), (7, 2))
    )
    files = gradescope(listing, submission_5__line="newest", submission_6__line="x", submission_7__line="y")
    assert who(arrived(tmp_path, files)) == {("Ada", "7", "line"): "newest"}


def test_an_export_whose_list_is_damaged_goes_by_its_folders(tmp_path: Path) -> None:
    intake = arrived(tmp_path, gradescope("x: [", submission_5__line="x"))
    assert who(intake) == {("submission_5", "", "line"): "x"}
    assert "the folders' names stand for the students'" in intake.notices[0]


# --- GitHub Classroom -------------------------------------------------------------------------


@pytest.mark.parametrize("packed", [True, False])
def test_clones_of_github_classroom(tmp_path: Path, packed: bool) -> None:
    files = {
        "hw-1-ada/quadratic.py": "ada's", "hw-1-ada/.git/HEAD": "ref", "hw-1-ada/tests/quadratic.py": "no",
        "hw-1-ada/tests/test_quadratic.py": "no", "hw-1-bo/src/quadratic.py": "bo's", "hw-1-bo/README.md": "",
        "hw-1-cy/README.md": "",
    }  # fmt: skip
    if packed:
        intake = arrived(tmp_path, {f"hw-1-submissions/{name}": data for name, data in files.items()})
    else:
        intake = take_in(laid_out(tmp_path / "hw-1-submissions", files), KNOWN)
    assert intake.layout == "GitHub Classroom clones" and intake.exercises == ("quadratic",)
    found = who(intake)
    assert found["ada", "ada", "quadratic"] == "ada's"
    assert found["bo", "bo", "quadratic"] == "bo's"
    assert found["cy", "cy", "quadratic"].endswith("among: README.md.")


# --- plain ------------------------------------------------------------------------------------


def test_a_folder_of_files_is_a_student_each(tmp_path: Path) -> None:
    intake = take_in(laid_out(tmp_path, {"ada.py": "a", "bo-2.ipynb": "b", "notes.txt": ""}), KNOWN, ["line"])
    assert intake.layout == "a folder of files"
    assert who(intake) == {("ada", "", "line"): "a", ("bo-2", "", "line"): "b"}


def test_every_file_of_a_folder_of_files_counts_whatever_it_is_called(tmp_path: Path) -> None:
    files = {"test_ada.py": "a", "setup.py": "s", "x_test.ipynb": "x"}
    assert sorted(in_folder(tmp_path, files, "line").values()) == ["a", "s", "x"]


def test_files_that_say_who_and_what(tmp_path: Path) -> None:
    files = {"ada_line.py": "al", "ada_quadratic.py": "aq", "line-bo.py": "bl"}
    found = in_folder(tmp_path, files)
    assert found["ada", "", "line"] == "al" and found["ada", "", "quadratic"] == "aq"
    assert found["bo", "", "line"] == "bl" and found["bo", "", "quadratic"].startswith("No file for")


def test_one_students_folder(tmp_path: Path) -> None:
    assert in_folder(tmp_path, {"line.py": "l", "quadratic.ipynb": "q"}, name="ada") == {
        ("ada", "", "line"): "l",
        ("ada", "", "quadratic"): "q",
    }


@pytest.mark.parametrize("wrapped", ["", "class/", "a/b/"])
def test_a_folder_for_each_student(tmp_path: Path, wrapped: str) -> None:
    files = {"Zoë B/line.py": "z", "ada/hw.py": "a", "bo/x.txt": "", "cy/a.py": "", "cy/b.py": ""}
    intake = arrived(tmp_path, {wrapped + name: data for name, data in files.items()}, "line")
    assert intake.layout == "a folder for each student"
    found = who(intake)
    assert found["Zoë B", "", "line"] == "z" and found["ada", "", "line"] == "a"
    assert found["bo", "", "line"].endswith("among: x.txt.")
    assert found["cy", "", "line"].endswith("among: a.py, b.py.")


def test_folders_of_files_are_students_by_their_paths(tmp_path: Path) -> None:
    files = {"tue/ada.py": "1", "tue/bo.py": "2", "wed/ada.py": "3", "wed/cy.py": "4"}
    assert in_folder(tmp_path, files, "line") == {
        ("tue/ada", "", "line"): "1", ("tue/bo", "", "line"): "2",
        ("wed/ada", "", "line"): "3", ("wed/cy", "", "line"): "4",
    }  # fmt: skip


@pytest.mark.parametrize("packed", [True, False])
def test_empty_folders_are_students_who_handed_in_nothing(tmp_path: Path, packed: bool) -> None:
    files = {"ada/line.py": "a", "bo/": "", "cy/sub/": ""}
    if packed:
        found = who(arrived(tmp_path, {f"class/{name}": data for name, data in files.items()}, "line"))
    else:
        found = in_folder(tmp_path, files, "line")
    assert set(found) == {("ada", "", "line"), ("bo", "", "line"), ("cy", "", "line")}
    assert found["bo", "", "line"].endswith("and nothing at all was handed in.")


def test_a_folder_beside_files_is_nobodys(tmp_path: Path) -> None:
    files = {"ada.py": "a", "data/x.csv": "", "empty/": ""}
    assert in_folder(tmp_path, files, "line") == {("ada", "", "line"): "a"}


def test_a_repository_nobody_pushed_to_is_a_students(tmp_path: Path) -> None:
    files = {"hw-ada/line.py": "a", "hw-bo/.git/HEAD": "ref", "hw-cy/": ""}
    found = who(take_in(laid_out(tmp_path / "hw-submissions", files), KNOWN))
    assert set(found) == {("ada", "ada", "line"), ("bo", "bo", "line"), ("cy", "cy", "line")}


def test_files_and_folders_side_by_side(tmp_path: Path) -> None:
    found = in_folder(tmp_path, {"ada/line.py": "a", "bo.py": "b"}, "line")
    assert found == {("ada", "", "line"): "a", ("bo", "", "line"): "b"}


# --- which file -------------------------------------------------------------------------------


def picked(tmp_path: Path, *files: str, asked: str = "quadratic") -> str:
    """What is picked of one student's files, each of which holds its own name. Somebody else did as told."""
    laid_out(tmp_path, {"class/bo/quadratic.py": ""})
    found = who(take_in(laid_out(tmp_path, {f"class/ada/{n}": n for n in files}), KNOWN, [asked]))
    return found["ada", "", asked]


@pytest.mark.parametrize(
    ("files", "name"),
    [
        (["quadratic.py", "other.py"], "quadratic.py"),
        (["quadratic.py", "quadratic-2.py", "quadratic-1.py"], "quadratic-2.py"),
        (["quadratic.py", "quadratic (1).py"], "quadratic (1).py"),
        (["quadratic.ipynb", "quadratic.py"], "quadratic.py"),
        (["quadratic-1.ipynb", "quadratic.py"], "quadratic-1.ipynb"),
        (["old/quadratic.py", "quadratic.ipynb"], "quadratic.ipynb"),
        (["hw3_quadratic.py", "helpers.py"], "hw3_quadratic.py"),
        (["hw3_quadratic.py", "hw3_quadratic-1.py"], "hw3_quadratic-1.py"),
        (["test_quadratic.py", "hw.py"], "hw.py"),
        (["hw.ipynb", "hw-1.ipynb", "conftest.py", "data.csv"], "hw-1.ipynb"),
    ],
)
def test_the_latest_file_for_the_exercise_is_picked(tmp_path: Path, files: list[str], name: str) -> None:
    assert picked(tmp_path, *files) == name


@pytest.mark.parametrize(
    "files",
    [
        ["line.py"],
        ["a.py", "b.py"],
        ["quadratic_a.py", "quadratic_b.py"],
        ["line_quadratic.py", "x.py"],
        ["a.txt"],
    ],
)
def test_no_file_is_guessed(tmp_path: Path, files: list[str]) -> None:
    assert picked(tmp_path, *files).startswith("No file for `quadratic` found")


def test_an_only_file_is_not_taken_where_several_exercises_are_graded(tmp_path: Path) -> None:
    laid_out(tmp_path, {"ada/hw.py": "x", "bo/line.py": "y"})
    found = who(take_in(tmp_path, KNOWN, ["line", "quadratic"]))
    assert found["ada", "", "line"].startswith("No file") and found["bo", "", "line"] == "y"


def test_long_lists_and_backticks_are_cut(tmp_path: Path) -> None:
    found = picked(tmp_path, *(f"f`{i}.py" for i in range(9)))
    assert found.endswith("among: f'0.py, f'1.py, f'2.py, f'3.py, f'4.py, f'5.py and 3 more.")


# --- archives that students hand in -----------------------------------------------------------


def test_a_students_archive_is_opened_one_level(tmp_path: Path) -> None:
    inner = zipped({"hw/quadratic.py": "deep", "more.zip": zipped({"quadratic.py": "deeper"})})
    files = {
        "ada_1_5_work.zip": inner,
        "bo_2_6_work.tar.gz": tarred({"quadratic.ipynb": "bo's"}),
        "cy_3_7_work.zip": b"PK\x03\x04 broken",
        "di_4_8_work.zip": zipped({"../quadratic.py": "out"}),
        "ed_5_9_work.zip": zipped({"x.zip": zipped({"quadratic.py": "deeper"})}),
    }
    intake = arrived(tmp_path, files, "quadratic")
    found = {name: text for (name, _, _), text in who(intake).items()}
    assert (found["ada"], found["bo"]) == ("deep", "bo's")
    assert "'work.zip' is damaged" in found["cy"] and "leads out of the archive" in found["di"]
    assert "An archive inside 'work.zip' was not opened: x.zip." in found["ed"]
    path = next(entry.path for entry in intake.entries if entry.students[0].name == "ada")
    assert path == f"{tmp_path / 'class.zip'}/ada_1_5_work.zip/hw/quadratic.py"


def test_in_a_folder_too(tmp_path: Path) -> None:
    files = {"ada.zip": zipped({"hw.py": "a"}), "bo/hand-in.tgz": tarred({"x/line.py": "b"})}
    assert in_folder(tmp_path, files, "line") == {("ada", "", "line"): "a", ("bo", "", "line"): "b"}


def test_a_bomb_of_one_student_leaves_the_others_archives_readable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.submission.budget.MOST_NESTED_UNPACKED_BYTES", 100_000)
    bomb = tarred({"zeros.bin": b"\0" * 1_000_000, "line.py": "x"})
    files = {"ada.tgz": bomb, "bo.tgz": tarred({"line.py": "b"}), "cy.tgz": tarred({"line.py": "c"})}
    found = in_folder(tmp_path, files, "line")
    assert "'ada.tgz' unpacks to far more" in found["ada", "", "line"]
    assert (found["bo", "", "line"], found["cy", "", "line"]) == ("b", "c")


def test_a_folder_that_holds_the_download_alone_is_the_download(tmp_path: Path) -> None:
    packed = zipped({"doe_1_2_line.py": "d", "roe_2_3_line.py": "r"})
    intake = take_in(laid_out(tmp_path, {"class/subs.zip": packed, "class/.DS_Store": ""}) / "class", KNOWN)
    assert intake.layout == "a Canvas download" and intake.students == 2


def test_a_students_archive_that_is_too_large_is_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.submission.intake.MOST_NESTED_BYTES", 20)
    found = in_folder(tmp_path, {"ada.zip": zipped({"line.py": "a"}), "bo.py": ""}, "line")
    assert "'ada.zip' is larger than" in found["ada", "", "line"]


def test_a_groups_archive_is_opened_once(tmp_path: Path) -> None:
    files: dict[str, bytes | str] = {**gradescope()}
    files["assignment_9_export/submission_102/w.zip"] = zipped({"line.py": "ours"})
    intake = arrived(tmp_path, files, "line")
    assert [len(entry.students) for entry in intake.entries if entry.read] == [2]


def test_the_bad_member_of_one_student_is_that_students_matter(tmp_path: Path) -> None:
    data = bytearray(zipped({"ada/line.py": "a", "bo/line.py": "b"}, zipfile.ZIP_STORED))
    data[data.find(b"line.pya") + 7] = 0x62
    (tmp_path / "c.zip").write_bytes(data)
    entries = {e.students[0].name: e for e in take_in(tmp_path / "c.zip", KNOWN).entries}
    assert entries["bo"].read is not None and entries["bo"].read() == b"b"
    with pytest.raises(UsageError, match=r"'line\.py' is damaged in the archive"):
        assert entries["ada"].read and entries["ada"].read()


# --- what is no class -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("missing", "There is no folder or archive"),
        ("one.py", "is a file, one submission"),
        ("empty", "No submission in"),
        ("text.txt", "it has to be a .zip"),
        ("none.zip", "No submission in"),
        ("half.zip", "is damaged"),
        ("x" * 300, "cannot be read: File name too long"),
        ("fifo", "is no folder and no archive"),
        ("odd", "No file in '.*' is named after an exercise .line, quadratic.: say which"),
    ],
)
def test_what_is_no_class_is_one_line(tmp_path: Path, name: str, said: str) -> None:
    laid_out(tmp_path, {"one.py": "x", "empty/": "", "text.txt": "x", "odd/a.py": "x", "odd/b.py": "x"})
    os.mkfifo(tmp_path / "fifo")
    laid_out(tmp_path, {"none.zip": zipped({}), "half.zip": zipped({"a/line.py": "x"})[:40]})
    with pytest.raises(UsageError, match=said) as error:
        take_in(tmp_path / name, KNOWN)
    assert "\n" not in str(error.value)


def test_the_results_folder_is_no_part_of_the_class(tmp_path: Path) -> None:
    laid_out(tmp_path, {"ada/line.py": "a", "out/reports/line.py": "x"})
    assert who(take_in(tmp_path, KNOWN, out=tmp_path / "out")) == {("ada", "", "line"): "a"}


def test_an_exercise_asked_for_twice_is_graded_once(tmp_path: Path) -> None:
    laid_out(tmp_path, {"ada/line.py": "a"})
    assert take_in(tmp_path, KNOWN, ["line", "line"]).exercises == ("line",)


PART = st.sampled_from(
    ["line.py", "quadratic-1.ipynb", "a.py", "x.zip", "data.csv", "ada", "hw-submissions", "doe_1_2_line.py",
     "A B_1_assignsubmission_file", "submission_metadata.yml", "submission_7", "attempt 2", "\\u202e", "é"]
)  # fmt: skip


@settings(max_examples=200)
@given(st.lists(st.lists(PART, min_size=1, max_size=4), min_size=1, max_size=7), st.booleans())
def test_every_file_is_somebodys_once_or_passed_over(paths: list[list[str]], alone: bool) -> None:
    members = [Member(tuple(p), "/".join(p), lambda: b"") for p in {tuple(p): p for p in paths}.values()]
    layout = recognise(members, "root", KNOWN, alone=alone)
    assert layout.kind
    owned = [(file.student.key, file.member.shown) for file in layout.files]
    assert len(owned) == len(set(owned))
    assert all(file.name and file.student.name for file in layout.files)
