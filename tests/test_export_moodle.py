"""Moodle's worksheet and feedback zip: read again by the rules of Moodle's own importers."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from grader.adjustments import Adjustment, Adjustments
from grader.errors import UsageError
from grader.submission.names import moodle_name
from tests import handmade
from tests.exported import export, graded, hostile, hostile_result, student

ENGLISH = (
    "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
    "Last modified (submission),Online text,Last modified (grade),Feedback comments\r\n"
    'Participant 101,Jane Doe,jane@uni.example,"Submitted for grading - ",,50.00,Yes,'
    '"Monday, 5 October 2026, 10:00",,-,\r\n'
    "Participant 102,Max Müller,max@uni.example,No submission,20.00,50.00,Yes,-,,-,Well argued.\r\n"
    "Participant 103,Ned Nothing,ned@uni.example,No submission,,50.00,Yes,-,,-,"
)
GERMAN = (
    '\ufeffID;"Vollständiger Name";E-Mail-Adresse;Status;Bewertung;Bestwertung;'
    '"Bewertung kann geändert werden";"Zuletzt geändert (Abgabe)";"Zuletzt geändert (Bewertung)";'
    '"Feedback als Kommentar"\n'
    'Teilnehmer/in101;"Jane Doe";jane@uni.example;-;;50,00;Ja;-;-;\n'
)
FRENCH = (
    "Identifiant\tNom complet\tAdresse de courriel\tStatut\tNote\tNote maximale\tLa note peut être modifiée\t"
    "Dernière modification (note)\tFeedback par commentaires\n"
    "Participant101\tJane Doe\tj@x\t\t\t50,00\tOui\t-\t\n"
)
SPANISH = (
    '"Identificador","Nombre completo","Dirección de correo","Estado","Calificación","Calificación máxima",'
    '"La calificación puede ser cambiada","Última modificación (entrega)",'
    '"Última modificación (calificación)","Comentarios de retroalimentación"\n'
    '"Participante 101","Jane Doe","j@x","","","50,00","Sí","-","-",""\n'
)


def written(folder: Path, text: str) -> Path:
    path = folder / "worksheet.csv"
    path.write_bytes(text.encode())
    return path


def table(data: bytes, delimiter: str = ",") -> list[list[str]]:
    return list(
        csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter, strict=True)
    )


class Words(HTMLParser):
    """The feedback as Moodle shows it: the tags in it, and the words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not attrs
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.words += data


def test_grades_and_feedback_are_filled_in(tmp_path: Path) -> None:
    path = written(tmp_path, ENGLISH)
    data, notes = export("moodle", student("x", "101"), student("Max Müller"), into=path)
    before, after = table(ENGLISH.encode()), table(data)
    feedback = after[1][10]
    before[1][4], before[2][4], before[1][10] = "20", "20", feedback
    assert after == before
    assert Words(feedback).tags == ["p", "br", "br", "br"]
    assert Words(feedback).words.startswith("Autograder: 40 of 100 pointsAn update used gradient left over")
    assert notes == [
        "Filled in 2 of 3 students in 'Grade'.",
        "Scores were scaled from 100 to the 50 points of the assignment.",
        "A person's feedback stays (1): Max Müller.",
        "In the file, without a result, left as they were (1): Ned Nothing.",
    ]


def test_feedback_of_an_earlier_grading_is_replaced(tmp_path: Path) -> None:
    first, _ = export("moodle", student("x", "101"), into=written(tmp_path, ENGLISH))
    again, _ = export(
        "moodle", student("x", "101", handmade.result()), into=written(tmp_path, first.decode())
    )
    assert table(again)[1][4] == "50"
    assert "100 of 100 points" in table(again)[1][10]


@pytest.mark.parametrize(
    ("text", "delimiter", "grade", "feedback"),
    [(GERMAN, ";", 4, 9), (FRENCH, "\t", 4, 8), (SPANISH, ",", 4, 9)],
    ids=["German", "French", "Spanish"],
)
def test_the_headers_may_be_in_any_language(
    tmp_path: Path, text: str, delimiter: str, grade: int, feedback: int
) -> None:
    result = student("x", "101").model_copy(update={"score": 41.0})
    data, _ = export("moodle", result, into=written(tmp_path, text))
    expected, after = table(text.encode(), delimiter), table(data, delimiter)
    expected[1][grade], expected[1][feedback] = "20,5", after[1][feedback]
    assert after == expected
    assert "41 of 100 points" in after[1][feedback]
    assert data.startswith("\ufeff".encode()) == text.startswith("\ufeff")


def test_an_address_is_a_name(tmp_path: Path) -> None:
    data, _ = export("moodle", student("max"), into=written(tmp_path, ENGLISH))
    assert table(data)[2][4] == "20"


def test_a_column_can_be_named(tmp_path: Path) -> None:
    text = ENGLISH.replace("Last modified (grade)", "Changed")
    with pytest.raises(UsageError, match="cannot be told in this language: name it with --column"):
        export("moodle", student("x", "101"), into=written(tmp_path, text))
    data, notes = export("moodle", student("x", "101"), into=written(tmp_path, text), column="grade")
    assert table(data)[1][4] == "20"
    assert "No feedback was written: the worksheet has no column for it (Feedback comments is off)." in notes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ENGLISH.replace("Participant ", ""), "no grading worksheet of Moodle"),
        ("name,score\nx,1\n", "its first line begins with name, score"),
        ("", "begins with nothing"),
        (ENGLISH.replace("50.00", "poor good"), "graded by a scale"),
        (ENGLISH.replace("101", "901").replace("Jane Doe", "X"), "None of the 1 results"),
    ],
)
def test_a_wrong_file_is_told(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        export("moodle", student("nobody", "101"), into=written(tmp_path, text))


def test_a_grade_that_moodle_would_pass_over_is_refused(tmp_path: Path) -> None:
    extra = Adjustments(entries=(Adjustment(student="101", score=110),))
    with pytest.raises(UsageError, match=r"outside 0 to 50 would be passed over .*x \(101\)"):
        export("moodle", graded(student("x", "101"), extra), into=written(tmp_path, ENGLISH))


def test_who_is_excused_keeps_the_grade_and_is_told_why(tmp_path: Path) -> None:
    ill = Adjustments(entries=(Adjustment(student="102", excused=True, comment="Ill <b>all</b> week"),))
    text = ENGLISH.replace("Well argued.", "")
    data, notes = export("moodle", graded(student("Max", "102"), ill), into=written(tmp_path, text))
    assert table(data)[2][4] == "20.00"
    assert Words(table(data)[2][10]).words.startswith("Autograder: ExcusedExcused. Ill <b>all</b> week")
    assert "Excused, their grades left as they were (1): Max (102)." in notes


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(hostile)
def test_nothing_a_student_wrote_is_markup_in_moodle(tmp_path: Path, text: str) -> None:
    result = student("Jane Doe", "101", hostile_result(text))
    data, _ = export("moodle", result, into=written(tmp_path, ENGLISH))
    rows = table(data)
    assert [len(row) for row in rows] == [11] * 4
    assert set(Words(rows[1][10]).tags) == {"p", "br"}
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", rows[1][10])


# --- the zip ------------------------------------------------------------------------------------


def uploaded(data: bytes) -> dict[int, list[str]]:
    """As Moodle's importer takes a zip of feedback: the files of each participant."""
    found: dict[int, list[str]] = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert {entry.compress_type for entry in archive.infolist()} <= {zipfile.ZIP_DEFLATED}
        for name in archive.namelist():
            folder, _, file = name.partition("/")
            parts = folder.split("_", 4)
            assert len(parts) == 5
            assert parts[2:4] == ["assignsubmission", "file"]
            assert file
            assert not file.startswith((".", "~"))
            assert "/" not in file
            found.setdefault(int(parts[1]), []).append(file)
    return found


def test_everybody_with_a_number_gets_their_report() -> None:
    line = student("Jane Doe", "101").model_copy(update={"exercise": "line"})
    data, notes = export(
        "moodle-feedback", student("Jane Doe", "101"), line, student("Max_M/ü\\l", "102"), student("No")
    )
    assert uploaded(data) == {101: ["report.html", "report-line.html"], 102: ["report.html"]}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist()[0] == "Jane Doe_101_assignsubmission_file_/report.html"
        assert moodle_name(archive.namelist()[2].partition("/")[0]) is not None
        assert b"<!doctype html>" in archive.read(archive.namelist()[0])[:200].lower()
    assert notes == ["3 reports are in the zip.", "Left out, for Moodle's number is not known (1): No."]
    assert (
        export("moodle-feedback", student("Jane Doe", "101"))[0]
        == (export("moodle-feedback", student("Jane Doe", "101"))[0])
    )


def test_the_worksheet_gives_the_numbers(tmp_path: Path) -> None:
    data, _ = export("moodle-feedback", student("max"), into=written(tmp_path, ENGLISH))
    assert uploaded(data) == {102: ["report.html"]}


def test_without_any_number_nothing_is_written() -> None:
    with pytest.raises(UsageError, match="name the grading worksheet with --into"):
        export("moodle-feedback", student("jane"))


@settings(max_examples=25, deadline=None)
@given(hostile)
def test_a_hostile_name_leads_nowhere(name: str) -> None:
    data, _ = export("moodle-feedback", student(name, "7", handmade.ungraded()))
    assert uploaded(data) == {7: ["report.html"]}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert ".." not in archive.namelist()[0]
        assert len(archive.namelist()[0]) < 200
