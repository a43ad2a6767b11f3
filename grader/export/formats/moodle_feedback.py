"""Moodle: everybody's report, as its "upload multiple feedback files in a zip" takes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from grader.clean import one_line
from grader.errors import UsageError
from grader.export.format import Format, Order
from grader.export.graded import Graded, listed
from grader.export.matching import People
from grader.export.sheet import read_sheet
from grader.export.worksheet import Worksheet
from grader.report.html import html_report

_NO_FILE_NAME = re.compile(r'[_/\\:*?"<>|]+')
"""What no file's name may hold everywhere; and ``_``, by which Moodle tells the name from the number."""


def write(order: Order, file: BinaryIO) -> None:
    """A folder a student, with the report in it. The students' numbers come from Moodle's own download, or
    from the grading worksheet where ``--into`` names it."""
    strangers: list[str] = []
    taken: set[str] = set()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for graded, name, number in _numbered(order):
            if not number:
                strangers.append(graded.who)
                continue
            path = _path(name, number, graded.result.exercise, taken)
            entry = ZipInfo(path)  # of one time: equal results are an equal archive
            entry.compress_type = ZIP_DEFLATED
            archive.writestr(entry, _report(graded))
    if not taken:
        raise UsageError(
            f"Moodle's number is known of none of the students ({listed(strangers, 5)}): grade what Moodle's"
            " Download all submissions gives, or name the grading worksheet with --into. Nothing was written."
        )
    order.tell(f"{len(taken)} reports are in the zip.")
    if strangers:
        order.tell(f"Left out, for Moodle's number is not known ({len(strangers)}): {listed(strangers)}.")


def _numbered(order: Order) -> Iterator[tuple[Graded, str, str]]:
    """Each result with the full name and the number that Moodle has; an empty one where it is not known."""
    people = _people(order)
    for graded in order.results:
        if people is None:
            yield graded, graded.name, graded.student_id if graded.student_id.isdecimal() else ""
            continue
        by_row, index = people
        rows = index.rows_of(graded)
        row = rows.pop() if len(rows) == 1 else None
        yield (graded, *(by_row[row] if row is not None else ("", "")))


def _people(order: Order) -> tuple[dict[int, tuple[str, str]], People] | None:
    if order.into is None:
        return None
    sheet = Worksheet(read_sheet(order.into), f"'{order.into}'", order.column)
    return {person.row: (person.shown, person.id) for person in sheet.people}, People(sheet.people)


def _report(graded: Graded) -> bytes:
    return html_report(graded.result).encode("utf-8", "backslashreplace")


def _path(name: str, number: str, exercise: str, taken: set[str]) -> str:
    shown = _NO_FILE_NAME.sub(" ", one_line(name, 100)).strip(" .~") or "Participant"
    folder = f"{shown}_{number}_assignsubmission_file_"
    copies = ("report.html", f"report-{exercise}.html")
    path = next((f"{folder}/{copy}" for copy in copies if f"{folder}/{copy}" not in taken), "")
    if not path:
        raise UsageError(f"There are two results of '{shown}' ({number}) for {exercise}: leave one out.")
    taken.add(path)
    return path


FORMAT = Format(
    "everybody's report in a zip, for Moodle's feedback files",
    write,
    takes=frozenset({"into", "column"}),
    is_binary=True,
)
