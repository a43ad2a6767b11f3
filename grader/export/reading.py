"""Reads results, one after another: those of a graded class, or the one that ``grader check`` printed."""

from __future__ import annotations

import contextlib
import itertools
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError

from grader.clean import one_line
from grader.errors import UsageError
from grader.records import Result

RESULTS = "results.jsonl"
STDIN = "-"
_MOST_BYTES = 64 * 1024 * 1024
"""Of one result; a graded submission's is far below a tenth of it."""


def read_results(source: str) -> Iterator[Result]:
    """The results of a graded class's folder, of a file of results, or of the standard input (``-``).

    Raises:
        UsageError: there is nothing to read, or something of it is no result.
    """
    with _opened(source) as (lines, name):
        yield from _results(lines, name)


@contextlib.contextmanager
def _opened(source: str) -> Iterator[tuple[BinaryIO, str]]:
    if source == STDIN:
        yield sys.stdin.buffer, "the standard input"
        return
    path = Path(source)
    if path.is_dir():
        path /= RESULTS
        if not path.exists():
            raise UsageError(
                f"'{source}' holds no graded class: there is no {RESULTS} in it. Name the folder that"
                " grader batch --out wrote."
            )
    try:
        with path.open("rb") as file:
            yield file, f"'{path}'"
    except FileNotFoundError:
        raise UsageError(
            f"There is no '{source}'. Name a graded class's folder, or the JSON of one result."
        ) from None
    except OSError as error:
        raise UsageError(f"'{path}' cannot be read: {error.strerror or error}.") from error


def _results(file: BinaryIO, name: str) -> Iterator[Result]:
    lines = _lines(file, name)
    first = next(lines, None)
    if first is None:
        raise UsageError(f"There is no result in {name}: it is empty.")
    if first.strip() == b"{":  # written for people, over many lines
        yield _result(first + file.read(_MOST_BYTES), name)
        return
    for number, line in enumerate(itertools.chain([first], lines), 1):
        yield _result(line, name, number)


def _lines(file: BinaryIO, name: str) -> Iterator[bytes]:
    while line := file.readline(_MOST_BYTES):
        if len(line) == _MOST_BYTES:
            raise UsageError(f"A line of {name} is longer than any result: it is no file of results.")
        if line.strip():
            yield line


def _result(text: bytes, name: str, number: int | None = None) -> Result:
    try:
        return Result.model_validate_json(text)
    except ValidationError as error:
        raise UsageError(_refusal(text, name, number, error)) from None


def _refusal(text: bytes, name: str, number: int | None, error: ValidationError) -> str:
    where = name if number is None else f"Line {number} of {name}"
    if number is not None and text.lstrip().startswith(b"{") and not text.endswith(b"\n"):
        return (
            f"{where} ends in the middle of a result, as when the grader was stopped while writing it."
            " Run grader batch again: it grades what is missing."
        )
    said = error.errors(include_url=False, include_input=False)[0]
    path = ".".join(map(str, said["loc"]))
    problem = one_line(f"{path}: {said['msg']}" if path else said["msg"], 160)
    return (
        f"{where} is no result of this grader ({problem}). Name a graded class's folder, or what grader"
        " check --format json printed."
    )
