"""What was graded before and need not be again: a class that was interrupted goes on where it stopped."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from grader import __version__
from grader.batch import ClassFile, Grade, read
from grader.errors import SubmissionError
from grader.exercise import Exercise
from grader.records import Result, Submission
from grader.sandbox import Sandbox


@dataclass(frozen=True)
class Settings:
    """All that a result depends on, the submission and the exercise aside."""

    level: int
    torch: str
    seconds: float
    secret: bytes


def fingerprint(submission: Submission, exercise: Exercise, settings: Settings) -> str:
    """The same for what would be graded the same. The secret is its key, and cannot be read off it."""
    facts = [submission.sha256, submission.form, repr(exercise), __version__]
    facts += [str(settings.level), settings.torch, str(settings.seconds)]
    return hmac.new(settings.secret, json.dumps(facts).encode(), hashlib.sha256).hexdigest()


def marked(grade_one: Grade, settings: Settings) -> Grade:
    """``grade_one``, with every result marked with what it depends on."""

    def graded(submission: Submission, exercise: Exercise, sandbox: Sandbox) -> Result:
        result = grade_one(submission, exercise, sandbox)
        return result.model_copy(update={"fingerprint": fingerprint(submission, exercise, settings)})

    return graded


def unchanged(
    results: Path, files: Sequence[ClassFile], exercise: Exercise, settings: Settings
) -> dict[str, Result]:
    """By name, the results of files that would only be graded the same again."""
    earlier = {result.submission.name: result for result in _read_results(results)}
    known = ((file, earlier[file.name]) for file in files if file.name in earlier)
    return {file.name: result for file, result in known if _holds(file, result, exercise, settings)}


def _holds(file: ClassFile, result: Result, exercise: Exercise, settings: Settings) -> bool:
    if result.status == "ungraded" or not result.fingerprint:
        return False
    try:
        submission = read(file, exercise)
    except SubmissionError:
        return False
    return result.fingerprint == fingerprint(submission, exercise, settings)


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
