"""A CSV file of another system: read as the csv module reads it, and written back byte for byte."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.export.matching import People, Person, letters, name_forms
from grader.export.sheet import Sheet, read_sheet
from tests.exported import graded, student

CELLS = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8),
    st.text(' "\n,;\ta', max_size=5),
)
TABLES = st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=5)


@given(st.binary(max_size=200))
def test_what_is_not_filled_in_stays_byte_for_byte(data: bytes) -> None:
    try:
        sheet = Sheet(data)
    except UsageError as error:
        assert "never ends" in str(error)
    else:
        assert sheet.dump() == data


@given(
    TABLES, st.sampled_from(",;\t"), st.sampled_from(["\r\n", "\n"]), st.sampled_from(["utf-8", "utf-8-sig"])
)
def test_it_reads_what_the_csv_module_wrote(
    table: list[list[str]], delimiter: str, end: str, encoding: str
) -> None:
    text = io.StringIO()
    header = ["a", "b", "c", "d"]
    # Its writer leaves a lone carriage return unquoted where lines end otherwise, which no reader can tell.
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end)
    if end == "\n":
        writer = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([header, *table])
    sheet = Sheet(text.getvalue().encode(encoding))
    assert sheet.delimiter == delimiter
    assert [sheet.values(row) for row in sheet.rows] == [header, *table]
    assert sheet.dump() == text.getvalue().encode(encoding)


@given(TABLES, CELLS, st.booleans())
def test_a_cell_that_is_filled_in_is_the_only_one_that_changes(
    table: list[list[str]], value: str, quoted: bool
) -> None:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL).writerows([["a", "b"], *table])
    sheet = Sheet(text.getvalue().encode())
    sheet.fill(1, 1, value)
    table[0][1] = value
    read = list(csv.reader(io.StringIO(sheet.dump().decode(), newline="")))
    assert read == [["a", "b"], *table]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "latin-1", "utf-8-sig"])
def test_the_encoding_stays(encoding: str) -> None:
    mark = b"\xff\xfe" if encoding == "utf-16-le" else b""
    data = mark + "Müller,1\r\nx,2\r\n".encode(encoding)
    sheet = Sheet(data)
    assert sheet.values(0) == ["Müller", "1"]
    sheet.fill(1, 1, "3")
    assert sheet.dump() == mark + "Müller,1\r\nx,3\r\n".encode(encoding)


def test_what_the_encoding_lacks_is_written_as_an_escape() -> None:
    sheet = Sheet("M\xfcller,1\n".encode("latin-1"))
    sheet.fill(0, 1, "\u03c0")
    assert sheet.dump() == b"M\xfcller,\\u03c0\n"


def test_a_short_row_is_made_longer() -> None:
    sheet = Sheet(b"a,b,c\nx\n")
    assert sheet.value(1, 2) == ""
    sheet.fill(1, 2, "9")
    assert sheet.dump() == b"a,b,c\nx,,9\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "there is none"),
        (b"PK\x03\x04rest", "a workbook"),
        (b'a,b\n"x,1\n', "a quoted cell begins in line 2"),
    ],
)
def test_a_file_that_is_no_csv_is_told(tmp_path: Path, content: bytes | None, said: str) -> None:
    path = tmp_path / "book.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=said):
        read_sheet(path)
    with pytest.raises(UsageError, match="it is no file"):
        read_sheet(tmp_path)


PEOPLE = People(
    [
        Person(1, "Doe, Jane", "11", ("s-901", "jdoe"), name_forms("Doe, Jane")),
        Person(2, "Müller, Jürgen", "12", ("902", "jm"), name_forms("Müller, Jürgen")),
        Person(3, "Doe, John", "13", ("12", "john"), name_forms("Doe, John")),
        Person(4, "Twin, A", "14", (), name_forms("Twin, A")),
        Person(5, "Twin, A", "15", (), name_forms("Twin, A")),
    ]
)


@pytest.mark.parametrize(
    ("name", "number", "rows"),
    [
        ("anything", "11", {1}),
        ("anything", "S-901", {1}),
        ("jdoe", "", {1}),
        ("Jane Doe", "", {1}),
        ("doejane", "", {1}),
        ("jurgen muller", "", {2}),
        ("Jürgen Müller", "902", {2}),
        ("x", "12", {2, 3}),  # one's id and another's number
        ("John Doe", "12", {3}),
        ("A Twin", "", {4, 5}),
        ("A Twin", "15", {5}),
        ("Nobody", "99", set()),
        ("", "", set()),
        ("  ", "", set()),
    ],
)
def test_a_student_is_found_by_number_then_by_name(name: str, number: str, rows: set[int]) -> None:
    assert PEOPLE.rows_of(graded(student(name, number))) == rows


def test_two_results_of_one_student_are_given_to_nobody() -> None:
    matched = PEOPLE.match([(graded(student("jdoe")), ""), (graded(student("Jane Doe", "11")), "")])
    assert not matched.found
    assert len(matched.unclear) == 2


@given(st.text(max_size=30))
def test_names_compare_whatever_they_are(name: str) -> None:
    assert letters(name) == letters(letters(name))
