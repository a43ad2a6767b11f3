"""What a course has decided of its exercises: what a student is shown, and what a proved mistake costs.

An instructor writes it into ``policy.toml`` beside the course's ``exercises/``:

    suggest = "after the deadline"
    deadline = 2026-12-01T23:59:00+01:00

    [exercises.quadratic]
    deadline = 2026-12-08T23:59:00+01:00

What stands under an exercise's name goes before what stands at the head. Without the file all is as below.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from grader.errors import CourseError

FILE = "policy.toml"
EXERCISES = "exercises"
"""The table that holds a table for each exercise that differs."""


class Policy(BaseModel):
    """What holds for one exercise."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    suggest: Literal["never", "after the deadline", "always"] = "never"
    """When a student is shown a change of the program that mends it."""
    deadline: AwareDatetime | None = None
    confirmed_share: float = Field(default=0.0, ge=0.0, le=1.0)
    """What a rubric item earns, as a share of its points, that failed only because of a confirmed mistake."""

    @model_validator(mode="after")
    def _has_its_deadline(self) -> Self:
        if self.suggest == "after the deadline" and self.deadline is None:
            raise ValueError("suggest = 'after the deadline' needs a deadline")
        return self

    def shows_suggestions(self, now: datetime) -> bool:
        """Whether a suggested change may be shown at ``now``, which knows its time zone."""
        if self.suggest == "after the deadline":
            return self.deadline is not None and now >= self.deadline
        return self.suggest == "always"


def read_policy(file: Path, exercise_id: str, known: Sequence[str]) -> Policy:
    """The policy of an exercise; the default where there is no file. ``known`` are the course's exercises.

    Raises:
        CourseError: the file cannot be used; says where and what would do.
    """
    if not file.exists():
        return Policy()
    said = _parsed(file)
    tables = said.pop(EXERCISES, {})
    if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        raise CourseError(f"{file}: '{EXERCISES}' holds a table for each exercise: [{EXERCISES}.{known[0]}].")
    for name in tables:
        if name not in known:
            raise CourseError(f"{file}: there is no exercise '{name}'. Known: {', '.join(known)}.")
    # All of them are looked at, that a mistake does not wait for the exercise that it is about.
    policies = {name: _policy(file, name, said | tables.get(name, {})) for name in known}
    return policies[exercise_id]


def _parsed(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise CourseError(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise CourseError(f"{file} is no UTF-8 text: save it as one.") from error
    except tomllib.TOMLDecodeError as error:
        raise CourseError(f"{file} is no TOML: {error}.") from error


def _policy(file: Path, exercise_id: str, said: Mapping[str, Any]) -> Policy:
    try:
        return Policy.model_validate(said)
    except ValidationError as error:
        raise CourseError(f"{file}, {exercise_id}: {_in_words(error)}.") from error


def _in_words(error: ValidationError) -> str:
    first = error.errors()[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    if first["type"] == "value_error":
        return str(first["ctx"]["error"])
    if first["type"] == "extra_forbidden":
        return f"'{name}' is nothing that a policy says. It says {', '.join(Policy.model_fields)}"
    return f"{name} = {first['input']!s}: {_WANTED[name]}"


_WANTED = {
    "suggest": "expected 'never', 'after the deadline' or 'always'",
    "deadline": "expected a date, a time and a time zone, as in 2026-12-01T23:59:00+01:00, without quotes",
    "confirmed_share": "expected a number from 0 to 1",
}
