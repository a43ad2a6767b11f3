"""Hints, one more each time: what has been shown is remembered from one command to the next."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.errors import UsageError
from grader.exercise import Exercise
from grader.report.files import write

FOLDER = "autograd-grader"
FILE = "hints.json"


@dataclass(frozen=True)
class Unfolded:
    """The hints to show now: those from number ``first`` to number ``last``, from 1."""

    hints: tuple[str, ...]
    first: int
    of: int

    @property
    def last(self) -> int:
        return self.first + len(self.hints) - 1

    def numbered(self) -> Iterator[tuple[int, str]]:
        return enumerate(self.hints, self.first)


def unfold(exercise: Exercise, memory: HintMemory, *, every: bool = False, restart: bool = False) -> Unfolded:
    """The next hint, or all of them; none where all have been shown. What is shown is remembered."""
    hints = exercise.hints
    seen = 0 if every or restart else min(memory.seen(exercise.id), len(hints))
    shown = hints if every else hints[seen : seen + 1]
    if shown:
        memory.remember(exercise.id, seen + len(shown))
    return Unfolded(shown, seen + 1, len(hints))


class HintMemory:
    """How many hints of a course's exercises were shown. A file that cannot be used is as good as empty:
    ``problem`` then says so, and a hint is shown all the same."""

    def __init__(self, course: Path, file: Path | None = None) -> None:
        self.problem: str | None = None
        self._course = str(course)
        self._file = file or state_folder() / FILE
        self._seen = self._load()

    def seen(self, exercise_id: str) -> int:
        """So many of the first hints were shown."""
        return self._seen.get(self._course, {}).get(exercise_id, 0)

    def remember(self, exercise_id: str, count: int) -> None:
        """The first ``count`` have been shown now."""
        self._seen.setdefault(self._course, {})[exercise_id] = count
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            write(self._file, json.dumps({"version": 1, "shown": self._seen}, indent=2) + "\n")
        except (OSError, UsageError) as error:
            self.problem = f"Which hints were shown cannot be remembered: {_in_short(error)}."

    def _load(self) -> dict[str, dict[str, int]]:
        try:
            return _checked(json.loads(self._file.read_text("utf-8")))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError) as error:
            self.problem = (
                f"'{self._file}', which remembers the hints that were shown, cannot be used"
                f" ({_in_short(error)}): taken as empty."
            )
            return {}


def _in_short(error: Exception) -> str:
    strerror = error.strerror if isinstance(error, OSError) else None
    return (strerror or str(error) or type(error).__name__).rstrip(".")


def _checked(value: Any) -> dict[str, dict[str, int]]:
    """What the file holds, where it is of the form that is written here.

    Raises:
        ValueError: it is of another.
    """
    shown = value.get("shown") if isinstance(value, dict) else None
    if not isinstance(shown, dict):
        raise ValueError("it has no table 'shown'")
    for course, counts in shown.items():
        if not isinstance(counts, dict) or not all(type(n) is int and n >= 0 for n in counts.values()):
            raise ValueError(f"the entry of '{course}' is no table of counts")
    return shown


def state_folder() -> Path:
    """Where this platform keeps what a program remembers. As its specification asks, an ``XDG_STATE_HOME``
    that is no absolute path counts as none."""
    named = Path(os.environ.get("XDG_STATE_HOME", ""))
    if named.is_absolute():
        return named / FOLDER
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / FOLDER
    return Path.home() / ".local" / "state" / FOLDER
