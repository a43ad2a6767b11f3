"""One member of a zip: its name as it was meant, and its bytes where it is a plain file."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from collections.abc import Callable
from typing import BinaryIO

from grader.errors import SubmissionError
from grader.submission.budget import MOST_RATIO

SMALL_BYTES = 4 * 1024 * 1024
"""What is no larger than this when unpacked does no harm, however far it shrank."""
START, EMPTY = b"PK\x03\x04", b"PK\x05\x06"
"""How a zip begins, and how one with nothing in it does."""
_DIRECTORY_END, _LOCATOR_64, _END_64 = EMPTY, b"PK\x06\x07", b"PK\x06\x06"


def reader(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[int], bytes]:
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


def name_of(info: zipfile.ZipInfo) -> str:
    """The name as it was meant: some programs write UTF-8 and do not say so."""
    name = info.orig_filename
    if info.flag_bits & 0x800:
        return name
    try:
        return name.encode("cp437").decode("utf-8")
    except UnicodeError:
        return name


def directory_bytes(file: BinaryIO) -> int:
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
