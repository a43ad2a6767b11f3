"""What was graded before and need not be again: a class that was interrupted goes on where it stopped."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from grader.batch import Grade, read
from grader.errors import SubmissionError
from grader.exercise import Exercise
from grader.records import Result, Submission
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


def unchanged(
    results: Path | None,
    entries: Sequence[Entry],
    exercises: Mapping[str, Exercise],
    settings: Settings,
) -> tuple[list[Result], list[Entry]]:
    """The results in a file that would only come out the same again, and the entries that are left to grade;
    with no file, all of them."""
    earlier = {_key(result): result for result in _read_results(results)} if results else {}
    kept: list[Result] = []
    waiting: list[Entry] = []
    for entry in entries:
        held = [earlier.get((entry.exercise, s.id, s.name)) for s in entry.students]
        found = [result for result in held if result is not None]
        if len(found) == len(held) and _hold(entry, found, exercises, settings):
            kept += found
        else:
            waiting.append(entry)
    return kept, waiting


def _key(result: Result) -> tuple[str, str, str]:
    return result.exercise, result.submission.student_id, result.submission.name


def _hold(
    entry: Entry, found: Sequence[Result], exercises: Mapping[str, Exercise], settings: Settings
) -> bool:
    """Whether an entry would be graded as these results say."""
    if any(result.status == "ungraded" or not result.fingerprint for result in found):
        return False
    try:
        submission = read(entry, exercises)
    except SubmissionError:
        return False
    now = fingerprint(submission, exercises[entry.exercise], settings)
    return all(result.fingerprint == now for result in found)


def _read_results(path: Path) -> Iterator[Result]:
    """Every whole line; a grader that was killed may have left half a one, or a file from another version."""
    try:
        with path.open("rb") as lines:
            yield from _parsed(lines)
    except OSError:
        return


def _parsed(lines: Iterable[bytes]) -> Iterator[Result]:
    for line in lines:
        try:
            yield Result.model_validate_json(line)
        except ValidationError:
            continue
