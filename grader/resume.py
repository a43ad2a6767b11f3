"""What was graded before and need not be again: a class that was interrupted goes on where it stopped."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from grader.batch import Grade, read
from grader.errors import SubmissionError
from grader.exercise import Exercise
from grader.records import Result, Submission
from grader.report.result_lines import Extent, summaries
from grader.report.roster import Row, row
from grader.sandbox import Sandbox
from grader.submission.intake import Entry
from grader.version import __version__


@dataclass(frozen=True)
class Settings:
    """All that a result depends on, the submission and the exercise aside."""

    level: int
    torch: str
    seconds: float
    secret: bytes
    now: datetime
    """When it was asked for: after a deadline students may be shown more. It knows its time zone."""


def fingerprint(submission: Submission, exercise: Exercise, settings: Settings) -> str:
    """The same for what would be graded the same. The secret is its key, and cannot be read off it."""
    facts = [submission.sha256, submission.form, repr(exercise), __version__]
    facts += [str(settings.level), settings.torch, str(settings.seconds)]
    facts.append(str(exercise.policy.shows_suggestions(settings.now)))
    return hmac.new(settings.secret, json.dumps(facts).encode(), hashlib.sha256).hexdigest()


def marked(grade_one: Grade, settings: Settings) -> Grade:
    """``grade_one``, with every result marked with what it depends on."""

    def graded(submission: Submission, exercise: Exercise, sandbox: Sandbox) -> Result:
        result = grade_one(submission, exercise, sandbox)
        return result.model_copy(update={"fingerprint": fingerprint(submission, exercise, settings)})

    return graded


@dataclass(frozen=True, slots=True)
class Kept:
    """A result from before that stays: where its line is in the file, and its row."""

    extent: Extent
    row: Row


@dataclass(frozen=True, slots=True)
class _Earlier:
    """What is remembered of one line of the file."""

    kept: Kept
    fingerprint: str


def unchanged(
    results: Path | None,
    entries: Sequence[Entry],
    exercises: Mapping[str, Exercise],
    settings: Settings,
) -> tuple[list[Kept], list[Entry]]:
    """The results in a file that would only come out the same again, and the entries that are left to grade;
    with no file, all of them."""
    earlier = _earlier(results) if results else {}
    kept: list[Kept] = []
    waiting: list[Entry] = []
    for entry in entries:
        held = [earlier.get((entry.exercise, s.id, s.name)) for s in entry.students]
        found = [line for line in held if line is not None]
        if len(found) == len(held) and _hold(entry, found, exercises, settings):
            kept += [line.kept for line in found]
        else:
            waiting.append(entry)
    return kept, waiting


def _earlier(results: Path) -> dict[tuple[str, str, str], _Earlier]:
    """The last line of each work; the lines themselves stay in the file."""
    return {
        (made := row(summary)).key: _Earlier(Kept(extent, made), summary.fingerprint)
        for extent, summary in summaries(results)
    }


def _hold(
    entry: Entry, found: Sequence[_Earlier], exercises: Mapping[str, Exercise], settings: Settings
) -> bool:
    """Whether an entry would be graded as these results say."""
    if any(line.kept.row.status == "ungraded" or not line.fingerprint for line in found):
        return False
    try:
        submission = read(entry, exercises)
    except SubmissionError:
        return False
    now = fingerprint(submission, exercises[entry.exercise], settings)
    return all(line.fingerprint == now for line in found)
