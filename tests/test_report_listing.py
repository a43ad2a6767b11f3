"""The source as the page lists it: its colours, its folds, and what was found at its lines."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.records import CellLine, CellSpan, Finding, Place
from grader.report.highlight import MOST_CHARACTERS, Token, tokens_of
from grader.report.html import html_report
from grader.report.listing import AROUND, LONGEST_LINE, MOST_LINES, Listing, listing
from grader.report.wording import source_lines
from tests import handmade

LONG = "\n".join(f"x{number} = {number}" for number in range(1, 201))


def listed(source: str, *findings: Finding) -> Listing:
    return listing(handmade.failed(source=source, findings=findings))


def at(line: Place, **changes: object) -> Finding:
    return handmade.STALE.model_copy(update={"line": line, **changes})


def test_python_is_coloured_by_kind() -> None:
    (tokens,) = tokens_of(["def fit(x): return 'y', 1  # why"])
    assert {token.kind: token.text for token in tokens if token.kind} == {
        "t-keyword": "return", "t-name": "fit", "t-string": "'y'", "t-number": "1", "t-comment": "# why",
    }  # fmt: skip


def test_a_text_over_several_lines_is_one_text() -> None:
    tokens = tokens_of(['"""one', "two", '"""'])
    assert [line[0].kind for line in tokens] == ["t-string"] * 3


@pytest.mark.parametrize(
    "source",
    ["", "\n\n", "a\x0cb = 1\x0c\n", "x = 1\r\ny\rz", "s = '\ud800\x00'", "if (((\n  'open", "(" * 10_000,
     "\ufeffx", "x = 'a\u2028b'\x1c\x85", "\t\t!pip $$ ?? \\", "x" * 10_000],
)  # fmt: skip
def test_the_lines_stay_what_they_are(source: str) -> None:
    lines = source_lines(source)
    assert ["".join(token.text for token in line) for line in tokens_of(lines)] == list(lines)


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_keeps_its_lines(source: str) -> None:
    lines = source_lines(source)
    assert ["".join(token.text for token in line) for line in tokens_of(lines)] == list(lines)
    shown = [view.line.text for view in listed(source).lines]
    assert shown == [line if len(line) <= LONGEST_LINE else line[:LONGEST_LINE] + " …" for line in lines]


def test_a_very_long_text_has_no_colours() -> None:
    line = "x = 1"
    lines = [line] * (MOST_CHARACTERS // len(line))
    assert tokens_of(lines)[0] == (Token(line),)


def test_a_short_file_is_not_folded() -> None:
    (part,) = listed(handmade.SOURCE, handmade.STALE).parts
    assert not part.summary
    assert len(part.lines) == len(source_lines(handmade.SOURCE))


def test_a_long_file_is_folded_around_its_findings() -> None:
    parts = listed(LONG, at(50), at(150)).parts
    assert [part.summary for part in parts] == [
        "lines 1 to 41", "", "lines 59 to 141", "", "lines 159 to 200",
    ]  # fmt: skip
    assert [line.line.number for line in parts[1].lines] == list(range(50 - AROUND, 50 + AROUND + 1))
    assert [line.line.number for part in parts for line in part.lines] == list(range(1, 201))


def test_a_long_file_without_findings_shows_how_it_begins() -> None:
    assert [part.summary for part in listed(LONG).parts] == ["", "lines 41 to 200"]


def test_a_finding_beyond_what_is_shown_of_a_file_is_shown() -> None:
    source = "y = 1\n" * 5000
    found = listed(source, at(4000))
    assert [part.left_out for part in found.parts if part.left_out] == [
        4000 - 1 - AROUND - MOST_LINES, 1000 - AROUND,
    ]  # fmt: skip
    assert found.anchor(4000) == "L4000"
    assert found.anchor(3000) is None
    assert found.anchor(None) is None


def test_several_findings_at_one_line_are_all_told_and_none_twice() -> None:
    other = at(12, pitfall="wrong-update", title="Another one")
    again = handmade.STALE.model_copy(update={"device": "sim"})
    lines = listed(handmade.SOURCE, handmade.STALE, other, again, at(12, severity="warning")).lines
    notes = lines[11].notes
    assert [(note.severity, note.title, note.is_first) for note in notes] == [
        ("error", handmade.STALE.title, True),
        ("error", "Another one", False),
        ("warning", handmade.STALE.title, False),
    ]
    assert lines[11].severity == "error"


def test_a_notebook_is_folded_by_cell_and_line() -> None:
    spans = (CellSpan(cell=2, first=1, lines=100), CellSpan(cell=5, first=101, lines=100))
    result = handmade.failed(source=LONG, findings=(at(CellLine(cell=5, line=50)),))
    info = result.submission.model_copy(update={"cells": spans})
    found = listing(result.model_copy(update={"submission": info}))
    assert [part.summary for part in found.parts] == [
        "cell 2, line 1 to cell 5, line 41", "", "cell 5, lines 59 to 100",
    ]  # fmt: skip
    assert found.anchor(CellLine(cell=5, line=50)) == "C5L50"
    assert [line.opens for line in found.lines if line.opens] == ["cell 2", "cell 5"]


def test_the_excerpt_has_the_colours_of_the_whole_file() -> None:
    source = 'x = """\n' + "\n".join(["for x in y"] * 9) + '\n"""\n'
    page = html_report(handmade.failed(source=source, findings=(at(5),)))
    assert len(re.findall('<code><span class="t-string">for x in y</span></code>', page)) == 5 + 9


def test_lines_that_the_lexer_changed_are_shown_without_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.report.highlight._split", lambda text: [[("other", "t-name")]])
    assert tokens_of(["x = 1"]) == [(Token("x = 1"),)]
