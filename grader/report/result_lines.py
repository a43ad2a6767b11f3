"""``results.jsonl``, read line by line: of each result only what a class needs to know of it is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError


class _Part(BaseModel):
    """Some fields of a record of the published result; the others are passed over, and cost little."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class SubmissionSummary(_Part):
    name: str
    student_id: str = ""


class FindingSummary(_Part):
    pitfall: str
    severity: str
    title: str = ""
    rubric: str = ""


class ItemSummary(_Part):
    id: str
    title: str
    status: str
    detail: str = ""


class EnvironmentSummary(_Part):
    isolation: str


class ResultSummary(_Part):
    """As much of a ``Result`` as a class's page, and going on where a class stopped, ask for."""

    exercise: str
    submission: SubmissionSummary
    status: str
    reason: str | None = None
    score: float
    max_score: float
    rubric: tuple[ItemSummary, ...]
    findings: tuple[FindingSummary, ...]
    environment: EnvironmentSummary
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Extent:
    """Where in the file a line is, its end included, in bytes."""

    start: int
    length: int


def summaries(path: Path) -> Iterator[tuple[Extent, ResultSummary]]:
    """Every whole line of a file, and nothing where there is none: a grader that was killed may have left
    half a line, or the file may be another version's."""
    try:
        with path.open("rb") as lines:
            start = 0
            for line in lines:
                extent = Extent(start, len(line))
                start += len(line)
                if line.endswith(b"\n") and (summary := _summary(line)) is not None:
                    yield extent, summary
    except OSError:
        return


def _summary(line: bytes) -> ResultSummary | None:
    try:
        return ResultSummary.model_validate_json(line)
    except ValidationError:
        return None


class LinesOf:
    """The bytes of single lines of a file, in a ``with`` block. A file that was replaced meanwhile is still
    read as it was."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")

    def __enter__(self) -> LinesOf:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __getitem__(self, extent: Extent) -> bytes:
        self._file.seek(extent.start)
        return self._file.read(extent.length)
