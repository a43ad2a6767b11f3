"""The list of submissions in a Gradescope export."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import SubmissionError
from grader.submission.gradescope import Listed, Person, submissions

EXPORT = """---
submission_101:
  :submitters:
  - :name: Zoë O'Neil
    :sid: '0042'
    :email: zoe@example.edu
  :created_at: 2026-03-01 10:00:00.000000000 -05:00
  :score: 10.0
  :history:
  - :id: 99
    :created_at: 2026-02-01 10:00:00.000000000 -05:00
submission_102:
  :submitters:
  - :name: Ada
    :sid: 7
  - :name: Bo
    :email: bo@example.edu
  :created_at: '2026-03-02T10:00:00Z'
submission_103:
  :submitters:
  - :name: No Number
  :created_at:
"""


def test_people_and_times_are_read() -> None:
    found = submissions(EXPORT.encode())
    assert found["submission_101"].people == (Person("Zoë O'Neil", "0042"),)
    assert found["submission_102"].people == (Person("Ada", "7"), Person("Bo", "bo@example.edu"))
    assert found["submission_103"] == Listed((Person("No Number", ""),), 0.0)
    assert 0 < found["submission_101"].created < found["submission_102"].created


@pytest.mark.parametrize(
    ("time", "seconds"),
    [
        ("2026-01-01", 1767225600.0),
        ("2026-01-01 00:00:00", 1767225600.0),
        ("'2026-01-01 00:00:00 UTC'", 1767225600.0),
        (
            "!ruby/object:ActiveSupport::TimeWithZone\n    utc: 2026-01-01 00:00:00 Z\n    zone: x",
            1767225600.0,
        ),
        ("0001-01-01 00:00:00 +14:00", 0.0),
        ("yesterday", 0.0),
        ("[1]", 0.0),
    ],
)
def test_a_time_is_read_or_counts_as_the_earliest(time: str, seconds: float) -> None:
    (found,) = submissions(f"a:\n  :created_at: {time}\n".encode()).values()
    assert found.created == seconds or (found.created < 0 and seconds == 0.0)


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("a: {}", ()),
        ("a:\n  :submitters: 7", ()),
        ("a:\n  :submitters:\n  - 7\n  - {}\n  - :name: [x]", ()),
        ("a:\n  :submitters:\n  - :sid: 5", (Person("5", "5"),)),
        ('a:\n  :submitters:\n  - :name: "a\\e[2J\\nb"', (Person("a\\x1b[2J b", ""),)),
        ("a: !ruby/object:X {submitters: !ruby/array:Y [{name: Ada}]}", (Person("Ada", ""),)),
    ],
)
def test_odd_people_are_left_out_and_odd_names_are_safe(text: str, people: tuple[Person, ...]) -> None:
    assert submissions(text.encode())["a"].people == people


@pytest.mark.parametrize(
    "data",
    [
        b"", b"- a", b"x: [", b"\xff\xfe\x00", b"a: !!python/object/apply:os.system [ls]", b"[" * 100_000,
        b"a: 2026-13-45", b"a: *b", b"? {a: b}\n: c\n? [1]\n: 2\n", b"a: 1\n b: 2",
    ],
)  # fmt: skip
def test_what_is_no_list_of_submissions_is_refused(data: bytes) -> None:
    with pytest.raises(SubmissionError, match=r"submission_metadata\.yml"):
        submissions(data)


def test_aliases_that_multiply_are_not_written_out() -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, 60)]
    assert (
        submissions("\n".join([*lines, "s:\n  :submitters: *a59"]).encode())["s"].people == ()
    )  # they would be 2⁶⁰


@given(st.text(alphabet="ab:-[]{}!&*'\" \n#|>?%@0123", max_size=60) | st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        submissions(text.encode("utf-8", "surrogatepass"))
    except SubmissionError as error:
        assert "\n" not in str(error)
