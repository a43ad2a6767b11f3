"""A CSV file that another system exported, to be filled in: what is not filled in stays, byte for byte.

The csv module reads values and forgets how they were written: which cells were quoted, how lines ended.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.clean import READABLE
from grader.errors import UsageError

MOST_BYTES = 64 * 1024 * 1024
_DELIMITERS = ",;\t"
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_LINE_END = re.compile(r"\r\n|\r|\n")
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass
class _Line:
    cells: list[str]
    """As they are written."""
    end: str


class Sheet:
    """The cells of a CSV file. Rows and columns are counted from 0."""

    def __init__(self, data: bytes, name: str = "the file") -> None:
        """Take ``data`` apart; ``name`` is what messages call it.

        Raises:
            UsageError: a quoted cell never ends.
        """
        self._mark, self._encoding, text = _decode(data)
        self.delimiter = _delimiter(text)
        self._lines = list(_lines(text, self.delimiter, name))

    @property
    def rows(self) -> range:
        return range(len(self._lines))

    def values(self, row: int) -> list[str]:
        """The cells of a row, as they are meant."""
        return [_meant(cell) for cell in self._lines[row].cells]

    def value(self, row: int, column: int) -> str:
        """One cell; empty where the row is too short for it."""
        cells = self._lines[row].cells
        return _meant(cells[column]) if column < len(cells) else ""

    def fill(self, row: int, column: int, value: str) -> None:
        """Write one cell; a row that is too short is made longer."""
        cells = self._lines[row].cells
        cells += [""] * (column + 1 - len(cells))
        cells[column] = self._written(value, quoted=cells[column].startswith('"'))

    def dump(self) -> bytes:
        """The file as it is now."""
        text = "".join(self.delimiter.join(line.cells) + line.end for line in self._lines)
        return self._mark + text.encode(self._encoding)

    def _written(self, value: str, quoted: bool) -> str:
        known = value.encode(self._encoding, READABLE).decode(self._encoding)
        if (
            quoted
            or any(character in known for character in f'{self.delimiter}"\r\n')
            or known != known.strip()
        ):
            return '"' + known.replace('"', '""') + '"'
        return known


def read_sheet(path: Path) -> Sheet:
    """The CSV file at ``path``.

    Raises:
        UsageError: it is not there, cannot be read, or is no CSV file.
    """
    try:
        if not path.is_file():
            what = "it is no file" if path.exists() else "there is none"
            raise UsageError(f"--into '{path}' cannot be read: {what}. Name the CSV file as it was exported.")
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"--into '{path}' cannot be read: {error.strerror or error}.") from error
    if len(data) > MOST_BYTES or data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise UsageError(
            f"'{path}' is no CSV file, but a workbook or something larger: name the file as it was exported."
        )
    return Sheet(data, f"'{path}'")


def _decode(data: bytes) -> tuple[bytes, str, str]:
    """The byte order mark, the encoding, and the text. Latin-1 is the last resort: it loses no byte."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            try:
                return mark, encoding, data[len(mark) :].decode(encoding)
            except UnicodeDecodeError:
                return b"", "latin-1", data.decode("latin-1")
    try:
        return b"", "utf-8", data.decode("utf-8")
    except UnicodeDecodeError:
        return b"", "latin-1", data.decode("latin-1")


def _delimiter(text: str) -> str:
    """The one that makes most cells of the first line."""
    header = text.split("\n", 1)[0]
    bare = _QUOTED.sub("", header)
    return max(_DELIMITERS, key=bare.count)


def _lines(text: str, delimiter: str, name: str) -> Iterator[_Line]:
    plain = re.compile(f"[^{re.escape(delimiter)}\r\n]*")
    at, cells = 0, []
    while at < len(text):
        start = at
        if text[at] == '"':
            quoted = _QUOTED.match(text, at)
            if quoted is None:
                line = text.count("\n", 0, at) + 1
                raise UsageError(
                    f"In {name} a quoted cell begins in line {line} and never ends: export it anew."
                )
            at = quoted.end()
        rest = plain.match(text, at)
        at = rest.end() if rest else at
        cells.append(text[start:at])
        if text[at : at + 1] == delimiter:
            at += 1
            if at == len(text):
                yield _Line([*cells, ""], "")
                return
            continue
        end = _LINE_END.match(text, at)
        yield _Line(cells, end.group() if end else "")
        at, cells = end.end() if end else at, []


def _meant(cell: str) -> str:
    quoted = _QUOTED.match(cell)
    if quoted is None:
        return cell
    return quoted.group()[1:-1].replace('""', '"') + cell[quoted.end() :]
