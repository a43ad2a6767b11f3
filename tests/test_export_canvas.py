"""Canvas' gradebook, filled in: read again by the rules of Canvas' own importer."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from grader.adjustments import Adjustment, Adjustments
from grader.errors import UsageError
from tests import handmade
from tests.exported import export, graded, hostile, student

HEADER = (
    'Student,ID,SIS User ID,SIS Login ID,Section,Notes,Warm-up (77),Quadratic (123),Final Score\r\n'
    ',,,,,,Manual Posting,,\r\n'
    '"    Points Possible",,,,,,5.00,10.00,(read only)\r\n'
)  # fmt: skip
BOOK = HEADER + (
    '"Doe, Jane",11,s1,jane,"Lab 1, Lab 2","said ""hi""",5.00,,50.00\r\n'
    'Müller  ,12,s2,jm,Lab 1,,, 3.00 ,\r\n'
    '"Excused, Eve",13,s3,eve,Lab 1,,,EX,\r\n'
    '"Away, Ann",14,s4,ann,Lab 1,,,N/A,\r\n'
    '"Nothing, Ned",15,s5,ned,Lab 1,,,7.5,\r\n'
    '"Student, Test",16,,abc,Lab 1,,,,'
)  # fmt: skip


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "grades.csv"
    path.write_bytes(b"\xef\xbb\xbf" + BOOK.encode())
    return path


def imported(data: bytes) -> dict[str, dict[str, str]]:
    """As Canvas' importer takes a gradebook: the students by their ids, with their grades by title."""
    text = data.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    header = rows[0]
    assert header[0] == "Student"
    assert header[1] == "ID"
    assert header[4] == "Section"
    graded = {at: title for at, title in enumerate(header) if re.fullmatch(r".*\(\d+\)", title)}
    students: dict[str, dict[str, str]] = {}
    for row in rows[1:]:
        quiet = all(re.fullmatch(r"\s*(Muted|Manual Posting.*)?\s*", cell, re.IGNORECASE) for cell in row)
        if "Points Possible" in row[0] or quiet:
            continue
        assert len(row) == len(header)
        students[row[1]] = {title: row[at].strip() for at, title in graded.items()}
        for grade in students[row[1]].values():
            assert re.fullmatch(r"|EX|N/A|\d+(\.\d{1,2})?", grade), grade
    return students


def test_scores_are_filled_in_and_all_else_stays(book: Path) -> None:
    results = [
        student("doejane", "11"),
        student("jm", "", handmade.result()),
        student("Eve Excused", "13"),
        student("ann", ""),
        student("Stranger", "99"),
        student("Test Student", "", handmade.ungraded()),
    ]
    data, notes = export("canvas", *results, into=book, column="123")
    expected = BOOK.replace("5.00,,50.00", "5.00,4,50.00").replace(", 3.00 ,", ",10,")  # 40 and 100 of 100
    assert data == b"\xef\xbb\xbf" + expected.encode()
    grades = {number: own["Quadratic (123)"] for number, own in imported(data).items()}
    assert grades == {"11": "4", "12": "10", "13": "EX", "14": "N/A", "15": "7.5", "16": ""}
    assert notes == [
        "Filled in 2 of 6 students in the column 'Quadratic (123)'.",
        "Scores were scaled from 100 to the 10 points of the column.",
        "Excused (EX) in the file, left as they were (1): Eve Excused (13).",
        "Not assigned to (N/A), left as they were (1): ann.",
        "In the file, without a result, left as they were (2): Nothing, Ned, Student, Test.",
        "Results of nobody in the file, not filled in (1): Stranger (99).",
        "Not graded, left as they were (1): Test Student.",
    ]
    assert book.read_bytes() == b"\xef\xbb\xbf" + BOOK.encode()


@pytest.mark.parametrize("column", ["123", "Quadratic (123)", "quadratic", " QUADRATIC ", None])
def test_a_column_is_named_in_any_way_or_by_the_exercise(book: Path, column: str | None) -> None:
    data, _ = export("canvas", student("doejane", "11"), into=book, column=column)
    assert imported(data)["11"]["Quadratic (123)"] == "4"


@pytest.mark.parametrize(
    ("content", "column", "said"),
    [
        (BOOK, "Cubic", "'Cubic' is the name of no column .* 'Warm-up \\(77\\)', 'Quadratic \\(123\\)'"),
        (BOOK, "Final Score", "is the name of no column"),
        (BOOK.replace("Warm-up", "Quadratic"), "quadratic", "'quadratic' is the name of several columns"),
        (BOOK.replace("Quadratic (", "Curve ("), None, "Which column is meant cannot be told"),
        (BOOK.replace("10.00", "(read only)"), "123", "is read only"),
        ("name,score\r\nx,1\r\n", None, "is no gradebook of Canvas: its first line begins with name, score"),
        ("", None, "begins with nothing"),
        (HEADER, "123", "None of the 1 results"),
        (BOOK.replace(",11,", ",98,").replace("Doe, Jane", "X"), "123", "Nothing was written"),
    ],
)
def test_a_wrong_file_or_column_is_told(tmp_path: Path, content: str, column: str | None, said: str) -> None:
    path = tmp_path / "grades.csv"
    path.write_text(content, "utf-8", newline="")
    with pytest.raises(UsageError, match=said):
        export("canvas", student("doejane", "11"), into=path, column=column)


def test_results_of_several_exercises_need_one_named(book: Path) -> None:
    other = student("jm").model_copy(update={"exercise": "line"})
    with pytest.raises(UsageError, match="line, quadratic: say which with --exercise"):
        export("canvas", student("doejane", "11"), other, into=book)


def test_what_a_person_decided_counts(book: Path) -> None:
    adjustments = Adjustments(
        entries=(Adjustment(student="11", points=5), Adjustment(student="jm", excused=True, comment="ill"))
    )
    data, _ = export(
        "canvas", *(graded(each, adjustments) for each in (student("x", "11"), student("jm"))), into=book
    )
    grades = imported(data)
    assert (grades["11"]["Quadratic (123)"], grades["12"]["Quadratic (123)"]) == ("4.5", "EX")


def test_semicolons_and_decimal_commas(tmp_path: Path) -> None:
    path = tmp_path / "noten.csv"
    path.write_text(
        "Student;ID;SIS Login ID;Section;Quadratic (123)\n    Points Possible;;;;12,50\nDoe;11;d;A;\n",
        "utf-8",
    )
    data, _ = export("canvas", student("d"), into=path)
    assert data.decode().splitlines()[-1] == "Doe;11;d;A;5"


def test_first_and_last_names_in_columns_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "grades.csv"
    path.write_text("LastName,FirstName,ID,SIS Login ID,Section,Quadratic (1)\nDoe,Jane,11,d,A,\n", "utf-8")
    data, notes = export("canvas", student("Jane Doe"), into=path)
    assert data.decode().splitlines()[-1] == "Doe,Jane,11,d,A,40"
    assert len(notes) == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(hostile)
def test_a_hostile_name_changes_no_other_cell(book: Path, name: str) -> None:
    data, notes = export("canvas", student("doejane", "11"), student(name, name), into=book)
    assert imported(data)["11"]["Quadratic (123)"] in ("4", "")
    assert all(len(note) < 250_000 for note in notes)
