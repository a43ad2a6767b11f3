"""Moodle: the grading worksheet that it gave out, filled in."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from markupsafe import escape

from grader.clean import one_line, visible
from grader.errors import UsageError
from grader.export import matching
from grader.export.format import Format, Order
from grader.export.graded import Graded, listed, points
from grader.export.matching import People, Score, decimal
from grader.export.sheet import read_sheet
from grader.export.worksheet import Worksheet
from grader.report import wording

_OURS = "<p>Autograder: "
"""What our feedback begins with: it may be replaced by later feedback, a person's may not."""


def write(order: Order, file: BinaryIO) -> None:
    """Fill in grades, and feedback where there is none of a person's."""
    path = order.file()
    sheet = Worksheet(read_sheet(path), f"'{path}'", order.column)
    people = People(sheet.people)
    matched = people.match((graded, feedback(graded)) for graded in order.results)
    matching.must_match(matched, f"'{path}'")
    most = sheet.maximum
    kept = _fill(sheet, matched.found, most)
    excused = [score.who for score in matched.found.values() if score.score is None]
    done = len(matched.found) - len(excused)
    order.tell(f"Filled in {done} of {len(people)} students in '{one_line(sheet.title)}'.")
    order.tell(matching.scaling(matched.found.values(), most, "of the assignment"))
    if sheet.feedback is None:
        order.tell("No feedback was written: the worksheet has no column for it (Feedback comments is off).")
    if excused:
        order.tell(f"Excused, their grades left as they were ({len(excused)}): {listed(excused)}.")
    if kept:
        order.tell(f"A person's feedback stays ({len(kept)}): {listed(kept)}.")
    for sentence in matching.tell(matched, people.without(matched)):
        order.tell(sentence)
    file.write(sheet.sheet.dump())


def feedback(graded: Graded) -> str:
    """A few lines of HTML, which is what Moodle takes them for; nothing of a student's in it is markup."""
    cause = wording.first_cause(graded.result)
    lines = [points(graded)]
    if graded.by_hand:
        lines.append(graded.by_hand)
    if cause is not None:
        where = wording.where(cause)
        lines.append(f"{cause.title or cause.pitfall}{f' ({where})' if where else ''}")
        lines += [wording.plain(said) for said in (cause.message, cause.proof) if said]
        lines += [f"To mend it: {wording.plain(cause.fix)}"]
    elif graded.result.status == "passed":
        lines.append(wording.praise(graded.result))
    return _OURS + "<br>".join(str(escape(one_line(visible(line), 1000))) for line in lines) + "</p>"


def _fill(sheet: Worksheet, scores: dict[int, Score], most: float) -> list[str]:
    """Write the scores; whose feedback of a person was left."""
    grades = {
        row: matching.scaled(score.score, score.max_score, most)
        for row, score in scores.items()
        if score.score is not None
    }
    outside = [scores[row].who for row, grade in grades.items() if not 0 <= grade <= most]
    if outside:
        raise UsageError(
            f"A grade outside 0 to {decimal(most)} would be passed over by Moodle without a word:"
            f" {listed(outside)}. Nothing was written; change the adjustment, or the highest grade."
        )
    comma = sheet.has_decimal_comma
    kept = []
    for row, score in scores.items():
        if row in grades:
            written = decimal(grades[row]).replace(".", "," if comma else ".")
            sheet.sheet.fill(row, sheet.grade, written)
        if sheet.feedback is None:
            continue
        there = sheet.sheet.value(row, sheet.feedback).strip()
        if there and not there.startswith(_OURS):
            kept.append(score.who)
        else:
            sheet.sheet.fill(row, sheet.feedback, score.feedback)
    return kept


def _beside(order: Order) -> Path | None:
    path = order.file()
    return path.with_name(f"{path.stem}-graded{path.suffix or '.csv'}")


FORMAT = Format(
    "the grading worksheet of Moodle (--into), with grades and feedback filled in",
    write,
    takes=frozenset({"into", "column"}),
    place=_beside,
)
