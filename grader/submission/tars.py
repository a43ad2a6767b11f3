"""One member of a tar, and what a compressed tar unpacks to, as far as that may go."""

from __future__ import annotations

import gzip
import tarfile
from collections.abc import Callable
from typing import BinaryIO, Self

from grader.clean import one_line
from grader.errors import SubmissionError, UsageError
from grader.submission.budget import MOST_RATIO, Budget

MOST_HEADER_BYTES = 64 * 1024
"""Of a name, which has a header of its own where it is long."""
GZIP, MARK = b"\x1f\x8b", b"ustar"
"""How a compressed tar begins, and what a plain one has at its 257th byte."""


def reader(archive: tarfile.TarFile, info: tarfile.TarInfo) -> Callable[[int], bytes]:
    def read(most: int) -> bytes:
        file = archive.extractfile(info) if info.isreg() and not info.issparse() else None
        if file is None:
            raise SubmissionError("is a link or another thing that is no file: hand in the file itself.")
        return file.read(most)

    return read


class PlainInfo(tarfile.TarInfo):
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


class Unpacked:
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
