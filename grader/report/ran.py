"""What was run, and how to repeat it: the end of a page."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from grader.records import Limits, Result
from grader.report import wording
from grader.words import listing

_IN_ARCHIVE = re.compile(r".*\.(?:zip|tar|tar\.gz|tgz)/(?:.*/)?", re.IGNORECASE | re.DOTALL)
MOST_SEEDS = 12


@dataclass(frozen=True)
class Row:
    """One thing that was so."""

    name: str
    value: str
    wide: bool = False
    is_code: bool = False


def ran(result: Result) -> tuple[Row, ...]:
    """Everything that another one needs to run it again, and get the same."""
    return tuple(_rows(result))


def repeat_command(result: Result) -> str:
    """The command that grades the same file by the same seeds."""
    # What lay in an archive is a file of that name once somebody has unpacked it.
    path = _IN_ARCHIVE.sub("", result.submission.path)
    words = ["grader", "check", path, "--exercise", result.exercise]
    if result.submission.form == "function":
        words += [word for seed in _seeds(result) for word in ("--seed", str(seed))]
    return shlex.join(words)


def _rows(result: Result) -> Iterator[Row]:
    environment = result.environment
    yield Row("Devices", wording.devices(result) or "none")
    yield Row("torch", environment.torch or "not started")
    yield Row("Python", environment.python)
    yield Row("Grader", result.grader)
    yield Row("Form", result.submission.form)
    if result.runs:
        yield Row("Runs", str(len(result.runs)))
        yield Row("Data", _data(result), wide=True)
    if environment.limits is not None:
        yield Row("Limits of a run", _limits(environment.limits), wide=True)
    yield Row("Isolation", environment.isolation, wide=True)
    yield Row("SHA-256 of the file", result.submission.sha256, wide=True, is_code=True)
    yield Row("To repeat it", repeat_command(result), wide=True, is_code=True)


def _data(result: Result) -> str:
    if result.submission.form == "script":
        return "the script's own; it was run again with all the seeds that it sets shifted"
    seeds = [str(seed) for seed in _seeds(result)]
    more = [f"{len(seeds) - MOST_SEEDS} more"] if len(seeds) > MOST_SEEDS else []
    word = "seed" if len(seeds) == 1 else "seeds"
    return f"made by the grader from the {word} {listing([*seeds[:MOST_SEEDS], *more])}"


def _limits(limits: Limits) -> str:
    return (
        f"{wording.number(limits.seconds)} s, {_mebibytes(limits.memory_bytes)} of memory beyond torch's own,"
        f" {_mebibytes(limits.output_bytes)} printed, {_mebibytes(limits.disk_bytes)} of files,"
        f" {limits.processes} processes and threads"
    )


def _mebibytes(size: int) -> str:
    return f"{wording.number(size / 2**20)} MiB"


def _seeds(result: Result) -> list[int]:
    return list(dict.fromkeys(run.seed for run in result.runs))
