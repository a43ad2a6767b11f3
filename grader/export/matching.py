"""Finds the line of a gradebook that a result belongs to."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from grader.errors import UsageError
from grader.export.graded import Graded, listed
from grader.report.wording import number


@dataclass(frozen=True)
class Person:
    """A student's line: what the system knows them by."""

    row: int
    shown: str
    id: str = ""
    """The system's own number."""
    others: tuple[str, ...] = ()
    """Student numbers, logins, addresses."""
    names: tuple[str, ...] = ()
    """The ways to write the name."""


@dataclass(frozen=True)
class Score:
    """What is kept of a result until it is written."""

    who: str
    score: float | None
    """None for somebody who is excused."""
    max_score: float
    feedback: str = ""


@dataclass
class Matched:
    """Whose result is whose, and what could not be told."""

    found: dict[int, Score] = field(default_factory=dict)
    """By the row."""
    strangers: list[str] = field(default_factory=list)
    """Results of nobody in the file."""
    unclear: list[str] = field(default_factory=list)
    """Results that may be several people's, or several of one."""
    ungraded: list[str] = field(default_factory=list)
    results: int = 0
    exercises: set[str] = field(default_factory=set)


class People:
    """The students of a gradebook."""

    def __init__(self, people: Sequence[Person]) -> None:
        self._shown = {person.row: person.shown for person in people}
        self._by_id = _index((person.id, person.row) for person in people)
        self._by_other = _index((other, person.row) for person in people for other in person.others)
        self._by_name = _index((letters(name), person.row) for person in people for name in person.names)

    def __len__(self) -> int:
        return len(self._shown)

    def rows_of(self, graded: Graded) -> set[int]:
        """The lines that may be the student's: by the system's number, else by another one, else by name."""
        name, number = graded.name.strip(), graded.student_id.strip()
        named = self._by_name.get(letters(name), set())
        numbered = self._by_id.get(number.casefold(), set()) | self._by_other.get(number.casefold(), set())
        if len(numbered) > 1:  # one person's number is another's id
            return (numbered & named) or numbered
        return numbered or self._by_other.get(name.casefold(), set()) or named

    def match(self, results: Iterable[tuple[Graded, str]]) -> Matched:
        """Give each result, with its feedback, its line."""
        matched = Matched()
        claims: dict[int, list[Score]] = defaultdict(list)
        for graded, feedback in results:
            rows = self.rows_of(graded)
            matched.results += 1
            matched.exercises.add(graded.result.exercise)
            if not graded.has_score and not graded.adjusted.excused:
                matched.ungraded.append(graded.who)
            elif not rows:
                matched.strangers.append(graded.who)
            elif len(rows) > 1:
                matched.unclear.append(graded.who)
            else:
                score = Score(graded.who, graded.adjusted.score, graded.result.max_score, feedback)
                claims[rows.pop()].append(score)
        for row, scores in claims.items():
            if len(scores) == 1:
                matched.found[row] = scores[0]
            else:
                matched.unclear += [f"{score.who} (as {self._shown[row]})" for score in scores]
        return matched

    def without(self, matched: Matched, but: Iterable[int] = ()) -> list[str]:
        """Who has no result, by the lines of the file."""
        skipped = {*matched.found, *but}
        return [shown for row, shown in self._shown.items() if row not in skipped]


def tell(matched: Matched, missing: Sequence[str]) -> list[str]:
    """What became of the results that were not filled in, and of the students without one: a line each."""
    kinds = (
        ("In the file, without a result, left as they were", missing),
        ("Results of nobody in the file, not filled in", matched.strangers),
        ("May be several students' or several results of one, not filled in", matched.unclear),
        ("Not graded, left as they were", matched.ungraded),
    )
    return [f"{what} ({len(names)}): {listed(names)}." for what, names in kinds if names]


def must_match(matched: Matched, where: str) -> None:
    """Refuse to write a file in which nothing was filled in, or that holds one exercise and got several.

    Raises:
        UsageError: no result belongs to anybody in it, or they are of several exercises.
    """
    if len(matched.exercises) > 1:
        raise UsageError(
            f"There is room for one exercise in {where}, and the results are of"
            f" {', '.join(sorted(matched.exercises))}: say which with --exercise."
        )
    if not matched.found:
        whose = listed([*matched.strangers, *matched.unclear, *matched.ungraded], 5)
        raise UsageError(
            f"None of the {matched.results} results can be filled into {where}: {whose}. Nothing was written."
            " Is it the file of another course?"
        )


def scaled(score: float, max_score: float, most: float | None) -> float:
    """A score on a scale that ends at ``most``; None for the score as it is. At most two decimals."""
    if most is None or not max_score or most == max_score:
        return round(score, 2)
    return round(score * most / max_score, 2)


def scaling(scores: Iterable[Score], most: float | None, where: str) -> str:
    """That scores are scaled, in a sentence; empty where they are not."""
    others = sorted({score.max_score for score in scores if most is not None and score.max_score != most})
    if not others:
        return ""
    was = " and ".join(map(number, others))
    return f"Scores were scaled from {was} to the {number(most or 0)} points {where}."


def decimal(value: float) -> str:
    """``7.5``, ``100``, ``33.33``."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def letters(name: str) -> str:
    """A name as it is compared: its letters and digits, without accents, case and gaps."""
    parts = unicodedata.normalize("NFKD", name.casefold())
    return "".join(part for part in parts if part.isalnum())


def name_forms(name: str) -> tuple[str, ...]:
    """``Doe, Jane`` as it stands, and as ``Jane Doe``."""
    last, comma, first = name.partition(",")
    return (name, f"{first} {last}") if comma else (name,)


def _index(pairs: Iterable[tuple[str, int]]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for key, row in pairs:
        if key.strip():
            found[key.strip().casefold()].add(row)
    return dict(found)
