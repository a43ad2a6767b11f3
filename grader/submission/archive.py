"""Reads archives without ever extracting them: every member's bytes with a cap, nothing but regular files.

What is wrong with the archive is the caller's matter (``UsageError``); what is wrong with one member is said
when that member is read, and stops nothing.
"""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO, cast

from grader.clean import one_line
from grader.errors import SubmissionError, UsageError
from grader.submission import tars, zips
from grader.submission.budget import Budget
from grader.submission.members import MOST_MEMBERS, Listing, Member, is_skipped, most_bytes, parts_of

MOST_SEEN = 250_000
"""Members of every kind, what is skipped included."""
MOST_DIRECTORY_BYTES = 16 * 1024 * 1024
"""Of a zip's list of its members, which has to be held whole."""
_BROKEN = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, struct.error, EOFError, OSError,
    ValueError, RuntimeError, NotImplementedError, OverflowError, LookupError, RecursionError,
)  # fmt: skip
"""What the libraries raise over bytes that are not as they should be."""


def list_archive(file: BinaryIO, name: str, budget: Budget) -> Listing:
    """The members of an archive, read. ``name`` is what the person who grades calls it.

    Raises:
        UsageError: it is none, is damaged, or was made to be larger than it looks.
    """
    with _told(name):
        start = file.read(512)
        file.seek(0)
        if start.startswith((zips.START, zips.EMPTY)):
            return _Reading(name, budget).zip(file)
        if start.startswith(tars.GZIP):
            size = file.seek(0, io.SEEK_END)
            file.seek(0)
            return _Reading(name, budget).tar(cast("IO[bytes]", tars.Unpacked(file, size, name, budget)))
        if start[257:262] == tars.MARK or name.lower().endswith(".tar"):
            return _Reading(name, budget).tar(file)
    raise UsageError(
        f"'{one_line(name)}' is no archive that can be read: it has to be a .zip, .tar, .tar.gz or .tgz."
        " Pack it anew as one of these, or unpack it and name the folder."
    )


@contextmanager
def _told(name: str) -> Iterator[None]:
    try:
        yield
    except (UsageError, MemoryError):
        raise
    except _BROKEN as error:
        said = one_line(f"{type(error).__name__}: {error}", 120)
        raise UsageError(
            f"'{one_line(name)}' is damaged, or only a part of it was downloaded: download it again ({said})."
        ) from None


class _Reading:
    """One archive, member by member."""

    def __init__(self, name: str, budget: Budget) -> None:
        self.name = name
        self.budget = budget
        self.found: list[tuple[tuple[str, ...], Callable[[], bytes]]] = []
        self.folders: set[tuple[str, ...]] = set()
        self.notices: list[str] = []
        self.seen = 0

    def zip(self, file: BinaryIO) -> Listing:
        if zips.directory_bytes(file) > MOST_DIRECTORY_BYTES:
            raise self._too_many()
        with zipfile.ZipFile(file) as archive:
            for info in archive.infolist():
                self._add(zips.name_of(info), info.is_dir(), zips.reader(archive, info))
        return self._listing()

    def tar(self, file: IO[bytes]) -> Listing:
        with tarfile.open(fileobj=file, mode="r|", tarinfo=tars.PlainInfo) as archive:
            for info in archive:
                self._add(info.name, info.isdir(), tars.reader(archive, info))
                archive.members = []  # type: ignore[attr-defined] # or it would remember every one
        while file.read(1024 * 1024):
            pass  # a gzip's sum is at its end
        return self._listing()

    def _add(self, name: str, is_folder: bool, read: Callable[[int], bytes]) -> None:
        self.seen += 1
        if self.seen > MOST_SEEN or len(self.found) > MOST_MEMBERS:
            raise self._too_many()
        try:
            parts = parts_of(name)
        except SubmissionError as error:
            self.notices.append(str(error))
            return
        if not parts or is_skipped(parts):
            return
        if is_folder:
            self.folders.add(parts)
            return
        self.found.append((parts, self._read(parts, read)))

    def _read(self, parts: tuple[str, ...], read: Callable[[int], bytes]) -> Callable[[], bytes]:
        """Read now, tell later."""
        most = most_bytes(parts[-1])
        try:
            data = self.budget.spend(read(most + 1)) if most else b""
        except SubmissionError as error:
            return _refusal(f"'{parts[-1]}' {error}")
        except UsageError:
            raise
        except _BROKEN as error:
            said = one_line(f"{type(error).__name__}: {error}", 120)
            return _refusal(f"'{parts[-1]}' is damaged in the archive ({said}): have it handed in again.")
        return lambda: data

    def _listing(self) -> Listing:
        counts = Counter(parts for parts, _ in self.found)
        members: dict[tuple[str, ...], Member] = {}
        for parts, own in self.found:
            count = counts[parts]
            twice = _refusal(f"'{parts[-1]}' is in the archive {count} times: hand in one.")
            read = own if count == 1 else twice
            members[parts] = Member(parts, f"{one_line(self.name)}/{'/'.join(parts)}", read)
        ordered = tuple(members[parts] for parts in sorted(members))
        return Listing(ordered, tuple(self.notices), tuple(sorted(self.folders)))

    def _too_many(self) -> UsageError:
        return UsageError(f"'{one_line(self.name)}' holds more than {MOST_MEMBERS} files: that is no class.")


def _refusal(message: str) -> Callable[[], bytes]:
    def read() -> bytes:
        raise SubmissionError(message)

    return read
