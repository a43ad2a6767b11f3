"""The files of a class as they arrived, from a folder or an archive. A name is text here and never a path."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.clean import one_line
from grader.errors import SubmissionError, UsageError
from grader.submission.notebook import MOST_NOTEBOOK_BYTES
from grader.submission.read import read_bytes
from grader.submission.text import MOST_BYTES

MOST_MEMBERS = 250_000
MOST_NESTED_BYTES = 32 * 1024 * 1024
MOST_METADATA_BYTES = 8 * 1024 * 1024
METADATA = "submission_metadata.yml"
LONGEST_NAME = 1024
CODE = (".py", ".ipynb")
ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz")
_SKIPPED = frozenset({"__MACOSX", "__pycache__", "node_modules", "site-packages", "venv"})


@dataclass(frozen=True)
class Member:
    """One file. ``parts`` is its name, folder by folder, fit to be shown."""

    parts: tuple[str, ...]
    shown: str
    """The name under which the person who grades will find it."""
    read: Callable[[], bytes]
    """Its bytes, one past the most that is looked at where there are more.

    Raises:
        SubmissionError: they cannot be had.
    """

    @property
    def name(self) -> str:
        return self.parts[-1] if self.parts else ""

    @property
    def is_code(self) -> bool:
        return self.name.lower().endswith(CODE)

    @property
    def is_archive(self) -> bool:
        return self.name.lower().endswith(ARCHIVES)


@dataclass(frozen=True)
class Listing:
    """The files, and what was left out of them that somebody should know of."""

    members: tuple[Member, ...]
    notices: tuple[str, ...] = ()
    folders: tuple[tuple[str, ...], ...] = ()
    """The folders, those too that have nothing in them."""


def most_bytes(name: str) -> int:
    """How much of a file is read; nothing of one that no submission can be."""
    lower = name.lower()
    if lower.endswith(".py"):
        return MOST_BYTES
    if lower.endswith(".ipynb"):
        return MOST_NOTEBOOK_BYTES
    if lower == METADATA:
        return MOST_METADATA_BYTES
    return MOST_NESTED_BYTES if lower.endswith(ARCHIVES) else 0


def parts_of(name: str) -> tuple[str, ...]:
    """The parts of a member's name.

    Raises:
        SubmissionError: the name would lead out of the archive, or is none that a person gave.
    """
    shown = one_line(name, 80)
    if "\0" in name or len(name) > LONGEST_NAME:
        raise SubmissionError(f"'{shown}' was left out: its name is no file's name.")
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
    if name.startswith(("/", "\\")) or ".." in parts or re.match(r"[A-Za-z]:[\\/]", name):
        raise SubmissionError(f"'{shown}' was left out: its name leads out of the archive.")
    return tuple(clean_part(part) for part in parts)


def clean_part(part: str) -> str:
    """One part of a name, composed as people type it and safe to show."""
    return one_line(unicodedata.normalize("NFC", part), limit=255)


def is_skipped(parts: Iterable[str]) -> bool:
    """Whether a file is not the student's doing: hidden, a cache, what an operating system left."""
    return any(part.startswith(".") or part in _SKIPPED for part in parts)


def list_folder(folder: Path, out: Path | None = None) -> Listing:
    """Every regular file below a folder; links, what is hidden and ``out`` are left out.

    What has a submission's name is listed whatever it is (a FIFO, say): reading it tells what is wrong.

    Raises:
        UsageError: a folder in it cannot be looked into, or it holds more than any class does.
    """
    members: list[Member] = []
    folders: list[tuple[str, ...]] = []
    for path, is_folder in _walk(folder, out.resolve() if out else None):
        parts = tuple(clean_part(part) for part in path.relative_to(folder).parts)
        if is_folder:
            folders.append(parts)
            continue
        members.append(Member(parts, one_line(str(path), limit=1000), _reader(path)))
        if len(members) > MOST_MEMBERS:
            raise UsageError(f"More than {MOST_MEMBERS} files below '{folder}': name the class's own folder.")
    return Listing(tuple(sorted(members, key=lambda member: member.parts)), folders=tuple(sorted(folders)))


def _reader(path: Path) -> Callable[[], bytes]:
    return lambda: read_bytes(path, most_bytes(path.name))


def _walk(folder: Path, out: Path | None) -> Iterator[tuple[Path, bool]]:
    """Every path of interest, and whether it is a folder."""
    for where, folders, names in os.walk(folder, onerror=_refuse):
        here = Path(where)
        folders[:] = [name for name in folders if not is_skipped([name]) and (here / name).resolve() != out]
        yield from ((here / name, True) for name in folders if not (here / name).is_symlink())
        for name in names:
            path = here / name
            if not is_skipped([name]) and not path.is_symlink() and _is_wanted(path):
                yield path, False


def _is_wanted(path: Path) -> bool:
    return path.name.lower().endswith(CODE) or path.is_file()


def _refuse(error: OSError) -> None:
    """A folder that cannot be looked into may hide a submission: say so before grading."""
    raise UsageError(f"The folder '{error.filename}' cannot be read: {error.strerror or error}.")
