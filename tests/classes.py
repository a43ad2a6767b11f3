"""Classes as they arrive, made as the systems' own documents describe them."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from grader.submission.archive import list_archive
from grader.submission.budget import Budget
from grader.submission.intake import Entry, Intake, take_in
from grader.submission.members import Listing

KNOWN = ("line", "quadratic")
Files = Mapping[str, Any] | Iterable[tuple[str, Any]]
"""Names and what is in them, bytes or text."""


def _pairs(files: Files) -> list[tuple[str, bytes]]:
    pairs = files.items() if isinstance(files, Mapping) else files
    return [(name, data.encode() if isinstance(data, str) else data) for name, data in pairs]


def zipped(files: Files, packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of ``files``; a name that ends in ``/`` is a folder's."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", packing) as archive:
        for name, data in _pairs(files):
            archive.writestr(name, data)
    return packed.getvalue()


def tarred(files: Files, mode: str = "w:gz", others: Sequence[tarfile.TarInfo] = ()) -> bytes:
    """A tar of ``files``, and of ``others`` that have no bytes."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in _pairs(files):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for info in others:
            archive.addfile(info)
    return packed.getvalue()


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    """A link, a device or a FIFO."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def listed(data: bytes, name: str = "class.zip", budget: Budget | None = None) -> Listing:
    """What is read of an archive's bytes."""
    return list_archive(io.BytesIO(data), name, budget or Budget())


def laid_out(folder: Path, files: Files) -> Path:
    """The files in a real folder."""
    for name, data in _pairs(files):
        path = folder / name
        (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            path.write_bytes(data)
    return folder


def arrived(tmp_path: Path, files: Files, *asked: str, name: str = "class.zip") -> Intake:
    """The class that an archive of ``files`` is."""
    path = tmp_path / name
    path.write_bytes(zipped(files))
    return take_in(path, KNOWN, asked)


def who(intake: Intake) -> dict[tuple[str, str, str], str]:
    """By name, id and exercise: the bytes to grade, or why there are none."""
    return {
        (student.name, student.id, entry.exercise): _content(entry)
        for entry in intake.entries
        for student in entry.students
    }


def _content(entry: Entry) -> str:
    return entry.missing if entry.read is None else entry.read().decode()
