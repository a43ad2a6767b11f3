"""What a person decided otherwise than the grader: points, scores, excuses and comments, from a file.

Results stay the grader's own. Whoever shows or exports a score asks ``adjusted`` for it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from grader.adjustments_file import entries_in
from grader.clean import csv_cell, one_line
from grader.errors import UsageError
from grader.records import Record, Result
from grader.words import listing, plural

TEMPLATE = Path(__file__).with_name("adjustments_template.toml")
"""What is put into a class's folder for a person to write in."""


def _text_of_number(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Text = Annotated[str, Field(min_length=1), BeforeValidator(_text_of_number)]
Points = Annotated[float, Field(strict=True, allow_inf_nan=False)]


class Adjustment(Record):
    """One decision on one student's work."""

    student: Text
    """The id that the class's system gives, or the name."""
    exercise: str = ""
    """Empty: whatever the student handed in."""
    points: Points | None = None
    """Added to the grader's score; below zero, taken away."""
    score: Annotated[Points, Field(ge=0)] | None = None
    """In the place of the grader's score."""
    excused: Annotated[bool, Field(strict=True)] = False
    """Counts for nothing, neither earned nor lost."""
    comment: str = ""
    """Shown to the student."""
    by: str = ""
    """Who decided it."""

    @model_validator(mode="after")
    def _one_decision(self) -> Adjustment:
        given = [name for name in ("points", "score") if getattr(self, name) is not None]
        given += ["excused"] * self.excused
        if len(given) > 1:
            raise ValueError(f"{listing(given)} exclude each other: keep one")
        if not given and not self.comment:
            raise ValueError("it says nothing: give points, score, excused = true or a comment")
        return self

    def told(self) -> str:
        """``+5 points``, ``set to 80``, ``excused``; empty where there is only a comment."""
        if self.excused:
            return "excused"
        if self.score is not None:
            return f"set to {self.score:g}"
        if self.points is None:
            return ""
        return f"{self.points:+g} point" + ("" if abs(self.points) == 1 else "s")


class AdjustedScore(Record):
    """The score that counts, beside the grader's own. None: not graded, or excused."""

    machine: float | None
    score: float | None
    max_score: float
    excused: bool = False
    told: str = ""
    """What was done to the score, in words; empty where it is the grader's."""
    comment: str = ""
    by: str = ""

    @property
    def by_hand(self) -> bool:
        """Whether a person decided or said anything."""
        return bool(self.told or self.comment)


class Adjustments(Record):
    """All decisions of one file."""

    entries: tuple[Adjustment, ...] = ()
    file: str = ""

    def of(self, exercise: str, student_id: str, name: str) -> Adjustment | None:
        """The decision on this work: by id before name, for this exercise before for any."""
        keys = [_key(student_id), _key(name), _key(csv_cell(name))]
        asked = [(key, of) for key in keys if key for of in (exercise, "")]
        return next((self._by_key[pair] for pair in asked if pair in self._by_key), None)

    @cached_property
    def _by_key(self) -> dict[tuple[str, str], Adjustment]:
        return {(_key(entry.student), entry.exercise): entry for entry in self.entries}

    def check(
        self, students: Iterable[tuple[str, str]], max_scores: Mapping[str, float]
    ) -> tuple[Adjustment, ...]:
        """Prove the decisions against a class, before it is graded: its students' ``(id, name)``, and the
        highest score of each exercise. What is for nobody of the class is returned.

        Raises:
            UsageError: an unknown exercise, a score out of range, or a name that two students have.
        """
        called: dict[str, set[tuple[str, str]]] = {}
        for student_id, name in students:
            for word in {_key(student_id), _key(name), _key(csv_cell(name))} - {""}:
                called.setdefault(word, set()).add((student_id, name))
        for number, entry in enumerate(self.entries, 1):
            if problem := _problem(entry, len(called.get(_key(entry.student), ())), max_scores):
                raise UsageError(f"'{self.file}', {_which(number, entry)}: {problem}.")
        return tuple(entry for entry in self.entries if _key(entry.student) not in called)


def adjusted(result: Result, adjustments: Adjustments) -> AdjustedScore:
    """The score that counts for ``result``: the grader's, unless a person decided otherwise."""
    info = result.submission
    machine = result.score if result.status != "ungraded" else None
    return apply(machine, result.max_score, adjustments.of(result.exercise, info.student_id, info.name))


def apply(machine: float | None, max_score: float, adjustment: Adjustment | None) -> AdjustedScore:
    """The grader's score (None: not graded) under a decision. Points lead nowhere below 0 or above the
    highest score, and nowhere from a score that is not there."""
    if adjustment is None:
        return AdjustedScore(machine=machine, score=machine, max_score=max_score)
    score = machine
    if adjustment.excused:
        score = None
    elif adjustment.score is not None:
        score = adjustment.score
    elif adjustment.points is not None and machine is not None:
        score = round(min(max(machine + adjustment.points, 0.0), max_score), 4)
    return AdjustedScore(
        machine=machine,
        score=score,
        max_score=max_score,
        excused=adjustment.excused,
        told=adjustment.told(),
        comment=adjustment.comment,
        by=adjustment.by,
    )


def read(path: Path) -> Adjustments:
    """The decisions in a TOML or CSV file.

    Raises:
        UsageError: it cannot be read, or an entry of it makes no sense.
    """
    entries: list[Adjustment] = []
    seen: dict[tuple[str, str], int] = {}
    for number, fields in enumerate(entries_in(path), 1):
        entry = _entry(path, number, fields)
        first = seen.setdefault((_key(entry.student), entry.exercise), number)
        if first != number:
            raise UsageError(
                f"'{path}', {_which(number, entry)}: entry {first} is for the same work. Make one of them."
            )
        entries.append(entry)
    return Adjustments(entries=tuple(entries), file=str(path))


def _entry(path: Path, number: int, fields: object) -> Adjustment:
    try:
        return Adjustment.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        said = first["msg"].removeprefix("Value error, ")
        if first["type"] == "extra_forbidden":
            said = f"unknown here. Known: {', '.join(Adjustment.model_fields)}"
        problem = f"{field}: {said}" if field else said
        raise UsageError(f"'{path}', entry {number}: {one_line(problem)}.") from error


def _problem(entry: Adjustment, students: int, max_scores: Mapping[str, float]) -> str:
    """What keeps one decision from being applied; empty where nothing does."""
    if entry.exercise and entry.exercise not in max_scores:
        return f"the class has no exercise '{entry.exercise}', it has {', '.join(max_scores)}"
    if not entry.exercise and len(max_scores) > 1 and (entry.points, entry.score) != (None, None):
        return f"say which exercise it is for: {', '.join(max_scores)}"
    if students > 1:
        return f"{plural(students, 'student')} are called that: give the id"
    highest = max_scores[entry.exercise] if entry.exercise else max(max_scores.values(), default=0.0)
    if entry.score is not None and entry.score > highest:
        return f"score = {entry.score:g} is above the highest, {highest:g}"
    if entry.points is not None and abs(entry.points) > highest:
        return f"points = {entry.points:+g} is more than there are, {highest:g}"
    return ""


def _which(number: int, entry: Adjustment) -> str:
    return f"entry {number} ({one_line(entry.student, 60)})"


def _key(name: str) -> str:
    """Names as people compare them: é is é however it is encoded, and case does not matter."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())
