"""What a format's file holds, and the formats that there are: the folder is the list.

``formats/<name>.py`` (with underscores) defines ``FORMAT``.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from grader.errors import UnknownFormat, UsageError
from grader.export.graded import Graded

if TYPE_CHECKING:
    from grader.exercise import Course


@dataclass(frozen=True)
class Order:
    """What was asked for: the results as they are read, and the options."""

    results: Iterable[Graded] = ()
    into: Path | None = None
    column: str | None = None
    exercise: str | None = None
    course: Course | None = None
    accept_weak_isolation: bool = False
    notes: list[str] = field(default_factory=list)
    """What whoever asked should know beside the file itself: each a sentence."""

    def of(self, results: Iterable[Graded]) -> Order:
        """The same, of these results."""
        return replace(self, results=results)

    def tell(self, sentence: str) -> None:
        if sentence:
            self.notes.append(sentence)

    def one(self) -> Graded:
        """The only result.

        Raises:
            UsageError: there are several.
        """
        results = iter(self.results)
        first = next(results)
        if next(results, None) is not None:
            raise UsageError(
                "This format holds one result, and there are several: add --exercise or --student,"
                " or name the JSON of one (grader check --format json)."
            )
        return first

    def file(self) -> Path:
        """The file to fill in.

        Raises:
            UsageError: none was named.
        """
        if self.into is None:
            raise UsageError("Name the file that the system exported: --into FILE.")
        return self.into


@dataclass(frozen=True)
class Format:
    """One export. ``write`` makes it, all of it or an error."""

    summary: str
    """What it is, in half a line."""
    write: Callable[[Order, BinaryIO], None]
    takes: frozenset[str] = frozenset()
    """The options that mean something to it: ``into``, ``column``, ``accept_weak_isolation``."""
    reads_results: bool = True
    is_binary: bool = False
    """Whether it is nothing for a terminal: a file has to be named."""
    place: Callable[[Order], Path | None] = lambda order: None
    """Where it goes if no file is named; None for the standard output."""
    appends: bool = False
    """Whether what is at ``place`` stays, and this follows it."""


def text_format(summary: str, pieces: Callable[[Order], Iterator[str]]) -> Format:
    """A format that is text, written piece by piece."""

    def write(order: Order, file: BinaryIO) -> None:
        for piece in pieces(order):
            file.write(piece.encode("utf-8", "backslashreplace"))

    return Format(summary, write)


@cache
def formats() -> dict[str, Format]:
    """Every format of the folder by its name, sorted."""
    package = importlib.import_module("grader.export.formats")
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    return {name.replace("_", "-"): importlib.import_module(f"{package.__name__}.{name}").FORMAT
            for name in names}  # fmt: skip


def format_called(name: str) -> Format:
    """One format.

    Raises:
        UnknownFormat: there is none of that name.
    """
    try:
        return formats()[name]
    except KeyError:
        raise UnknownFormat(name, formats()) from None
