"""Moodle's grading worksheet. Its headers are in the language of whoever downloaded it: where the columns are
is told by what they hold and by how they follow one another."""

from __future__ import annotations

import re

from grader.clean import one_line
from grader.errors import UsageError
from grader.export.matching import Person
from grader.export.sheet import Sheet

_IDENTIFIER = re.compile(r"\D*[^\W\d]\D*?(?P<id>[0-9]+)")
"""``Participant 4711``, ``Teilnehmer/in4711``: a word and the number."""
_ABOUT = re.compile(r".*\((?P<what>[^()]+)\)", re.DOTALL)
"""``Last modified (grade)``: what is between the brackets is what the grade's own column is called."""
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")


class Worksheet:
    """The columns of a worksheet, found."""

    def __init__(self, sheet: Sheet, name: str, grade: str | None = None) -> None:
        """``grade`` is the header of the grade's column, where somebody names it.

        Raises:
            UsageError: it is no worksheet, or no such column is in it.
        """
        self.sheet = sheet
        self.name = name
        self._header = [cell.strip() for cell in sheet.values(0)] if sheet.rows else []
        self._rows = [row for row in sheet.rows if row and any(sheet.values(row))]
        self._identifier = self._find_identifier()
        self.grade, self._modified = self._find_grade(grade)
        self.feedback = self._find_feedback()

    @property
    def title(self) -> str:
        return self._header[self.grade]

    @property
    def people(self) -> list[Person]:
        return [self._person(row) for row in self._rows]

    @property
    def maximum(self) -> float:
        """The highest grade.

        Raises:
            UsageError: the assignment is graded by a scale of words.
        """
        most = {_number(self.sheet.value(row, self.grade + 1)) for row in self._rows}
        found = most.pop() if len(most) == 1 else None
        if not found:
            raise UsageError(
                f"In {self.name} no highest grade follows the column '{self.title}': the assignment is graded"
                " by a scale, or the column is another one (--column). Only points can be filled in."
            )
        return found

    @property
    def has_decimal_comma(self) -> bool:
        columns = (self.grade, self.grade + 1)
        return any("," in self.sheet.value(row, column) for row in self._rows for column in columns)

    def _find_identifier(self) -> int:
        for column in range(len(self._header)):
            cells = [self.sheet.value(row, column).strip() for row in self._rows]
            if cells and all(map(_IDENTIFIER.fullmatch, cells)):
                return column
        seen = one_line(", ".join(self._header[:4]), 80) or "nothing"
        raise UsageError(
            f"{self.name} is no grading worksheet of Moodle: no column of it holds identifiers like"
            f" 'Participant 4711'; its first line begins with {seen}. Download it in the assignment, Download"
            " grading worksheet (Offline grading worksheet is to be on under Feedback types)."
        )

    def _find_grade(self, wanted: str | None) -> tuple[int, int | None]:
        """The column of the grade, and the one that says when it was changed."""
        titles = [title.casefold() for title in self._header]
        about = [match["what"].strip() if (match := _ABOUT.fullmatch(title)) else "" for title in titles]
        named = [titles.index(what) if what in titles else None for what in about]
        if wanted is not None:
            if wanted.strip().casefold() not in titles:
                there = ", ".join(f"'{one_line(title, 40)}'" for title in self._header)
                raise UsageError(f"There is no column '{wanted}' in {self.name}. There are: {there}.")
            grade = titles.index(wanted.strip().casefold())
            return grade, named.index(grade) if grade in named else None
        for modified, grade_at in enumerate(named):
            if grade_at is not None and grade_at < modified:
                return grade_at, modified
        raise UsageError(
            f"Which column of {self.name} holds the grades cannot be told in this language: name it with"
            f" --column. There are: {', '.join(one_line(title, 40) for title in self._header)}."
        )

    def _find_feedback(self) -> int | None:
        """The comments follow the time of the last change; None where the assignment takes none."""
        after = None if self._modified is None else self._modified + 1
        return after if after is not None and after < len(self._header) else None

    def _person(self, row: int) -> Person:
        value = self.sheet.value
        found = _IDENTIFIER.fullmatch(value(row, self._identifier).strip())
        between = [value(row, column).strip() for column in range(self._identifier + 1, self.grade)]
        addresses = [cell for cell in between if _ADDRESS.fullmatch(cell)]
        name = between[0] if between and between[0] not in addresses else ""
        accounts = [address.partition("@")[0] for address in addresses]
        return Person(
            row,
            shown=name or value(row, self._identifier),
            id=found["id"] if found else "",
            others=(*addresses, *accounts),
            names=(name,) if name else (),
        )


def _number(text: str) -> float | None:
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return None
