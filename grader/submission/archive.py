"""Reads archives without ever extracting them: every member's bytes with a cap, nothing but regular files.

What is wrong with the archive is the caller's matter (``UsageError``); what is wrong with one member is said
when that member is read, and stops nothing.
"""

from __future__ import annotations

import gzip
import io
import stat
import struct
import tarfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, BinaryIO, Self, cast

from grader.clean import one_line
from grader.errors import SubmissionError, UsageError
from grader.submission.members import MOST_MEMBERS, Listing, Member, is_skipped, most_bytes, parts_of

MOST_READ_BYTES = 512 * 1024 * 1024
"""Of all that is read of a class's archive, the archives inside it included."""
MOST_UNPACKED_BYTES = 4 * 1024 * 1024 * 1024
"""Of a compressed tar, which is unpacked to its end to see what is in it."""
MOST_NESTED_READ_BYTES = 32 * 1024 * 1024
MOST_NESTED_UNPACKED_BYTES = 256 * 1024 * 1024
"""The same of an archive that a student handed in."""
MOST_SEEN = 250_000
"""Members of every kind, what is skipped included."""
MOST_HEADER_BYTES = 64 * 1024
"""Of a name in a tar, which has a header of its own where it is long."""
MOST_RATIO = 200
"""Packed text shrinks to a fifth, seldom to a twentieth: what shrinks further was made to be unpacked."""
SMALL_BYTES = 4 * 1024 * 1024
"""What is no larger than this when unpacked does no harm, however far it shrank."""
MOST_DIRECTORY_BYTES = 16 * 1024 * 1024
"""Of a zip's list of its members, which has to be held whole."""
_DIRECTORY_END, _LOCATOR_64, _END_64 = b"PK\x05\x06", b"PK\x06\x07", b"PK\x06\x06"
_BROKEN = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, struct.error, EOFError, OSError,
    ValueError, RuntimeError, NotImplementedError, OverflowError, LookupError, RecursionError,
)  # fmt: skip
"""What the libraries raise over bytes that are not as they should be."""


@dataclass
class Budget:
    """How much may still be read, and unpacked on the way to it."""

    left: int = field(default_factory=lambda: MOST_READ_BYTES)
    unpacked: int = field(default_factory=lambda: MOST_UNPACKED_BYTES)

    def spend(self, data: bytes) -> bytes:
        if len(data) > self.left:
            raise SubmissionError("was not read: the archive holds more than a class's submissions.")
        self.left -= len(data)
        return data

    @contextmanager
    def nested(self) -> Iterator[Budget]:
        """A part of it for one student's archive, which can take no more from all the others."""
        part = min(self.left, MOST_NESTED_READ_BYTES)
        own = Budget(part, MOST_NESTED_UNPACKED_BYTES)
        try:
            yield own
        finally:
            self.left -= part - own.left


def list_archive(file: BinaryIO, name: str, budget: Budget) -> Listing:
    """The members of an archive, read. ``name`` is what the person who grades calls it.

    Raises:
        UsageError: it is none, is damaged, or was made to be larger than it looks.
    """
    with _told(name):
        start = file.read(512)
        file.seek(0)
        if start.startswith((b"PK\x03\x04", _DIRECTORY_END)):
            return _Reading(name, budget).zip(file)
        if start.startswith(b"\x1f\x8b"):
            size = file.seek(0, io.SEEK_END)
            file.seek(0)
            return _Reading(name, budget).tar(cast("IO[bytes]", _Unpacked(file, size, name, budget)))
        if start[257:262] == b"ustar" or name.lower().endswith(".tar"):
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
        if _directory_bytes(file) > MOST_DIRECTORY_BYTES:
            raise self._too_many()
        with zipfile.ZipFile(file) as archive:
            for info in archive.infolist():
                self._add(_zip_name(info), info.is_dir(), _zip_reader(archive, info))
        return self._listing()

    def tar(self, file: IO[bytes]) -> Listing:
        with tarfile.open(fileobj=file, mode="r|", tarinfo=_PlainInfo) as archive:
            for info in archive:
                self._add(info.name, info.isdir(), _tar_reader(archive, info))
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


def _zip_reader(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[int], bytes]:
    def read(most: int) -> bytes:
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in (0, stat.S_IFREG):
            raise SubmissionError("is a link or another thing that is no file: hand in the file itself.")
        if info.flag_bits & 0x1:
            raise SubmissionError("is encrypted: hand it in without a password.")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise SubmissionError("is packed in a way that few programs read: pack it as an ordinary .zip.")
        if info.file_size > max(SMALL_BYTES, MOST_RATIO * info.compress_size):
            raise SubmissionError("would unpack to far more than a submission: it was not read.")
        with archive.open(info) as file:
            return file.read(most)

    return read


def _tar_reader(archive: tarfile.TarFile, info: tarfile.TarInfo) -> Callable[[int], bytes]:
    def read(most: int) -> bytes:
        file = archive.extractfile(info) if info.isreg() and not info.issparse() else None
        if file is None:
            raise SubmissionError("is a link or another thing that is no file: hand in the file itself.")
        return file.read(most)

    return read


def _zip_name(info: zipfile.ZipInfo) -> str:
    """The name as it was meant: some programs write UTF-8 and do not say so."""
    name = info.orig_filename
    if info.flag_bits & 0x800:
        return name
    try:
        return name.encode("cp437").decode("utf-8")
    except UnicodeError:
        return name


def _directory_bytes(file: BinaryIO) -> int:
    """How long a zip says its list of members is: ``zipfile`` makes an object of every 46 bytes of it."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - 65_536 - 98))
    tail = file.read()
    file.seek(0)
    end = tail.rfind(_DIRECTORY_END)
    if end < 0 or len(tail) < end + 22:
        raise zipfile.BadZipFile("its end is missing")
    found = int(struct.unpack_from("<L", tail, end + 12)[0])
    if tail[max(0, end - 20) :].startswith(_LOCATOR_64) and tail[max(0, end - 76) :].startswith(_END_64):
        found = max(
            found if found != 0xFFFFFFFF else 0, int(struct.unpack_from("<Q", tail, end - 76 + 40)[0])
        )
    return found


class _PlainInfo(tarfile.TarInfo):
    """A member of a tar whose headers are of a size that names have. ``tarfile`` holds each of them whole."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        try:
            info = super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            if buf.strip(b"\0"):  # else it is the end; this would be taken for it, and nobody would know
                raise tarfile.ReadError(str(error)) from None
            raise
        if info.type == tarfile.GNUTYPE_SPARSE:
            raise tarfile.ReadError("it has a file with holes in it")
        if info.type in _HEADERS and info.size > MOST_HEADER_BYTES:
            raise tarfile.ReadError("it has a name of a length that no file has")
        return info

    def _proc_gnusparse_10(self, *_: object) -> None:
        raise tarfile.ReadError("it has a file with holes in it")


_HEADERS = (
    tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK,
)  # fmt: skip


class _Unpacked:
    """What a gzip unpacks to, as far as that may go."""

    def __init__(self, file: BinaryIO, size: int, name: str, budget: Budget) -> None:
        self._file = gzip.GzipFile(fileobj=file)
        self._most = max(64 * 1024 * 1024, MOST_RATIO * size)
        self._name = name
        self._read = 0
        self._budget = budget

    def read(self, size: int) -> bytes:
        data = self._file.read(size)
        self._read += len(data)
        self._budget.unpacked -= len(data)
        if self._read > self._most or self._budget.unpacked < 0:
            raise UsageError(
                f"'{one_line(self._name)}' unpacks to far more than a class's submissions are: pack these"
                " alone."
            )
        return data
