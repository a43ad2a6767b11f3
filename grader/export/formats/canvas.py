"""Canvas: the gradebook that it exported, filled in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from grader.clean import one_line
from grader.errors import UsageError
from grader.export import matching
from grader.export.format import Format, Order
from grader.export.graded import listed
from grader.export.matching import People, Person, Score, decimal, name_forms
from grader.export.sheet import Sheet, read_sheet

_ASSIGNMENT = re.compile(r"(?P<title>.*) \((?P<id>[0-9]+)\)", re.DOTALL)
_NO_STUDENT = re.compile(r"\s*(muted|manual posting.*)?\s*", re.IGNORECASE)
_NUMBERS = ("SIS User ID", "SIS Login ID", "Integration ID")
_EXCUSED = "EX"
_UNASSIGNED = "N/A"


def write(order: Order, file: BinaryIO) -> None:
    """Fill in one column: each student's score, of the points that the column has."""
    path = order.file()
    book = _Gradebook(read_sheet(path), f"'{path}'")
    people = People(book.people)
    matched = people.match((graded, "") for graded in order.results)
    matching.must_match(matched, f"'{path}'")
    column = book.column(order.column, matched.exercises)
    kept = book.fill(column, matched.found)
    order.tell(kept.told(len(people), book.header[column]))
    order.tell(matching.scaling(matched.found.values(), book.possible(column), "of the column"))
    for what, names in (
        ("Excused (EX) in the file", kept.excused),
        ("Not assigned to (N/A)", kept.unassigned),
    ):
        if names:
            order.tell(f"{what}, left as they were ({len(names)}): {listed(names)}.")
    for sentence in matching.tell(matched, people.without(matched)):
        order.tell(sentence)
    file.write(book.sheet.dump())


@dataclass
class _Filled:
    """What became of the results."""

    done: int = 0
    excused: list[str] = field(default_factory=list)
    """Of whom the file says so: it is the later decision."""
    unassigned: list[str] = field(default_factory=list)

    def told(self, students: int, title: str) -> str:
        return f"Filled in {self.done} of {students} students in the column '{one_line(title)}'."


class _Gradebook:
    """The parts of an exported gradebook that matter."""

    def __init__(self, sheet: Sheet, name: str) -> None:
        self.sheet = sheet
        self.name = name
        self.header = [cell.strip() for cell in sheet.values(0)] if sheet.rows else []
        students = self.header[:2] in (["Student", "ID"], ["LastName", "FirstName"])
        if not students or "ID" not in self.header or "Section" not in self.header:
            seen = one_line(", ".join(self.header[:4]), 80) or "nothing"
            raise UsageError(
                f"{name} is no gradebook of Canvas: its first line begins with {seen}, and should with"
                " Student, ID, …, Section. Export it in Canvas under Grades, Export."
            )
        self._possible = next((row for row in sheet.rows if self._is_possible(row)), None)

    @property
    def people(self) -> list[Person]:
        return [self._person(row) for row in self.sheet.rows if row and self._is_student(row)]

    def column(self, wanted: str | None, exercises: set[str]) -> int:
        """The assignment's column.

        Raises:
            UsageError: there is none, or several may be meant, or it cannot be written.
        """
        columns = {
            at: match
            for at, title in enumerate(self.header)
            if at > self.header.index("Section") and (match := _ASSIGNMENT.fullmatch(title))
        }
        found = _wanted(columns, wanted) if wanted is not None else _guessed(columns, exercises)
        if len(found) != 1:
            titles = [f"'{one_line(self.header[at], 60)}'" for at in found or columns]
            there = ", ".join(titles) or "none at all"
            said = f"'{wanted}' is the name of {'several columns' if found else 'no column'} of"
            why = said if wanted is not None else "Which column is meant cannot be told in"
            raise UsageError(f"{why} {self.name}: name one with --column. Assignments there: {there}.")
        if self._possible is not None and "read only" in self.sheet.value(self._possible, found[0]).lower():
            raise UsageError(
                f"The column '{self.header[found[0]]}' of {self.name} is read only: Canvas makes it."
            )
        return found[0]

    def possible(self, column: int) -> float | None:
        """The points that a column has; None where the file does not say."""
        return _number(self.sheet.value(self._possible, column)) if self._possible is not None else None

    def fill(self, column: int, scores: dict[int, Score]) -> _Filled:
        filled = _Filled()
        possible = self.possible(column)
        for row, score in scores.items():
            there = self.sheet.value(row, column).strip().upper()
            if there == _EXCUSED:
                filled.excused.append(score.who)
            elif there == _UNASSIGNED:
                filled.unassigned.append(score.who)
            else:
                filled.done += 1
                self.sheet.fill(row, column, _written(score, possible))
        return filled

    def _is_student(self, row: int) -> bool:
        said = self.sheet.values(row)
        return not self._is_possible(row) and not all(map(_NO_STUDENT.fullmatch, said))

    def _is_possible(self, row: int) -> bool:
        return row > 0 and "Points Possible" in self.sheet.value(row, 0)

    def _person(self, row: int) -> Person:
        value = self.sheet.value
        names = (value(row, 0), f"{value(row, 1)} {value(row, 0)}") if self.header[0] == "LastName" else ()
        numbers = [value(row, self.header.index(title)) for title in _NUMBERS if title in self.header]
        return Person(
            row,
            shown=f"{value(row, 0)}, {value(row, 1)}" if names else value(row, 0),
            id=value(row, self.header.index("ID")),
            others=tuple(numbers),
            names=(names[1], f"{names[0]} {value(row, 1)}") if names else name_forms(value(row, 0)),
        )


def _written(score: Score, possible: float | None) -> str:
    if score.score is None:
        return _EXCUSED
    return decimal(matching.scaled(score.score, score.max_score, possible))


def _wanted(columns: dict[int, re.Match[str]], wanted: str) -> list[int]:
    """The columns of this number, whole title, or title."""
    text = wanted.strip().casefold()
    for part in ("id", 0, "title"):
        if found := [at for at, match in columns.items() if match[part].strip().casefold() == text]:
            return found
    return []


def _guessed(columns: dict[int, re.Match[str]], exercises: set[str]) -> list[int]:
    """The columns whose title is or holds the exercise's name; the only column, whatever it is called."""
    exercise = next(iter(exercises), "").casefold()
    named = [at for at, match in columns.items() if match["title"].strip().casefold() == exercise]
    named = named or [
        at for at, m in columns.items() if exercise in re.split(r"[^\w-]+", m["title"].casefold())
    ]
    return named or (list(columns) if len(columns) == 1 else [])


def _number(text: str) -> float | None:
    """As Canvas reads numbers: the last comma or point is the decimal one."""
    *whole, last = re.split("[.,]", text.strip())
    try:
        return float(f"{''.join(whole)}.{last}" if whole else last) or None
    except ValueError:
        return None


def _beside(order: Order) -> Path | None:
    path = order.file()
    return path.with_name(f"{path.stem}-graded{path.suffix or '.csv'}")


FORMAT = Format(
    "the gradebook that Canvas exported (--into), with a column filled in",
    write,
    takes=frozenset({"into", "column"}),
    place=_beside,
)
