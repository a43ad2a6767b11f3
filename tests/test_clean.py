"""Untrusted text in every sink: shown as what it is, never obeyed."""

from __future__ import annotations

import csv
import io
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.clean import READABLE, csv_cell, one_line, slug, terminal, visible

ANY = st.text(st.characters(exclude_categories=()))
NASTY = "\x1b\x9b\x00\r\u202e\u2066\u200b\u2028\ud800\ufeff\U000e0041\x7f"
ASIDE = set("\u200b\u200c\u200d\u2060\ufeff")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é 你好 🎉", "plain é 你好 🎉"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("\x1b[2J", "\\x1b[2J"),
        ("\x9b31m", "\\x9b31m"),
        ("a\u202eb", "a\\u202eb"),
        ("\ud800", "\\ud800"),
        ("one\r\ntwo\rthree", "one\ntwo\\x0dthree"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_visible_writes_out_what_a_display_would_obey(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(ANY)
def test_visible_text_has_no_control_format_or_surrogate_left(text: str) -> None:
    shown = visible(text)
    shown.encode("utf-8")
    for character in shown:
        category = unicodedata.category(character)
        assert category not in ("Cc", "Cs", "Zl", "Zp") or character in "\n\t"
        assert unicodedata.bidirectional(character) not in (
            "LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI",
        )  # fmt: skip
        assert character not in ASIDE


@given(ANY)
def test_visible_twice_is_visible_once(text: str) -> None:
    assert visible(visible(text)) == visible(text)


@given(ANY)
def test_a_terminal_gets_no_escape_and_no_workflow_command(text: str) -> None:
    plain = terminal(text + "::error::x" + NASTY).plain
    assert not set(NASTY) & set(plain)
    assert not re.search(r"^\s*::error::", plain, re.MULTILINE)


def test_markup_is_text() -> None:
    assert terminal("[red]x[/red] [link=https://a.b]y[/link]").plain.startswith("[red]x")
    assert not terminal("[red]x[/red]").spans


def test_a_slice_is_no_workflow_command() -> None:
    assert terminal("x[::2] and std::vector").plain == "x[::2] and std::vector"
    assert "\\x23#[" in terminal("##[error]no").plain


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "  =", "\n=", "＝"])
def test_no_cell_is_a_formula(start: str) -> None:
    assert csv_cell(f'{start}HYPERLINK("http://x","y")').startswith("'")


@given(ANY)
def test_a_cell_survives_the_round_trip_and_starts_with_no_operator(text: str) -> None:
    cell = csv_cell(text)
    written = io.StringIO()
    csv.writer(written).writerow([cell, "next"])
    assert list(csv.reader(io.StringIO(written.getvalue()))) == [[cell, "next"]]
    assert not cell.lstrip().startswith(("=", "+", "-", "@"))


@given(ANY)
def test_a_slug_is_a_safe_file_name(text: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,60}-[0-9a-f]{8}", slug(text))


def test_slugs_of_names_that_lose_their_letters_differ() -> None:
    assert len({slug("张伟"), slug("李娜"), slug("../x"), slug("x"), slug("X")}) == 5


def test_one_line_is_one_line() -> None:
    assert one_line("a\n b\t\x1bc") == "a b \\x1bc"
    assert one_line("x" * 300) == "x" * 199 + "…"


def test_an_ascii_stream_gets_the_nearest_signs() -> None:
    assert "✓ passed │ é".encode("ascii", READABLE) == b"+ passed | \\xe9"
