"""The entries of a file of adjustments as they were written, TOML or CSV: no judgement of them."""

from __future__ import annotations

import csv
import io
import tomllib
from pathlib import Path

from grader.clean import one_line
from grader.errors import UsageError

MOST_BYTES = 4 * 1024**2
_DECISIONS = ("points", "score", "excused", "comment")
_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def entries_in(path: Path) -> list[object]:
    """The tables called ``adjustment`` of a TOML file, or the rows of a ``.csv``.

    Raises:
        UsageError: it cannot be read, or is not what its name says.
    """
    text = _text(path)
    return _csv(path, text) if path.suffix.lower() == ".csv" else _toml(path, text)


def _text(path: Path) -> str:
    try:
        if path.exists() and not path.is_file():
            raise UsageError(f"'{path}' is no file: name a TOML or CSV file of adjustments.")
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"'{path}' cannot be read: {error.strerror or error}.") from error
    if len(data) > MOST_BYTES:
        raise UsageError(f"'{path}' is larger than {MOST_BYTES // 1024**2} MiB: name a file of adjustments.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"'{path}' is not UTF-8 at byte {error.start + 1}: save it as UTF-8.") from error


def _toml(path: Path, text: str) -> list[object]:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"'{path}' is no TOML: {one_line(str(error))}.") from error
    except RecursionError:
        raise UsageError(f"'{path}' is no TOML that can be read: its brackets are too deep.") from None
    entries = table.pop("adjustment", [])
    if table or not isinstance(entries, list):
        name = one_line(next(iter(table), "adjustment"), 60)
        raise UsageError(f"'{path}': '{name}' is not known here. Begin each entry with [[adjustment]].")
    return entries


def _csv(path: Path, text: str) -> list[object]:
    """Rows by their header. Empty cells say nothing, and rows that decide nothing are left out, so that a
    list of the class can be filled in. A spreadsheet may have put semicolons."""
    head = text.partition("\n")[0]
    delimiter = ";" if ";" in head and "," not in head else ","
    try:
        rows = list(csv.DictReader(io.StringIO(text), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise UsageError(f"'{path}' is no CSV: {error}.") from error
    if rows and "student" not in rows[0]:
        raise UsageError(
            f"'{path}' has no column 'student'. Its first line names the columns: student, exercise,"
            f" {', '.join(_DECISIONS)}, by."
        )
    if any(None in row for row in rows):
        raise UsageError(f"'{path}' has a row with more cells than its first line: quote commas.")
    return [
        {name: _cell(name, cell) for name, cell in row.items() if cell}
        for row in rows
        if any(row.get(name) for name in _DECISIONS)
    ]


def _cell(name: str, cell: str) -> object:
    text = cell.strip()
    if name == "excused":
        return _TRUTH.get(text.lower(), text)
    if name not in ("points", "score"):
        return text
    try:
        return float(text)
    except ValueError:
        return text
