"""Temporary folders that a submission may leave in any state."""

from __future__ import annotations

import itertools
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path


def make_folder(parent: Path | None = None) -> Path:
    """A new empty folder that only this user can read; its name tells nothing."""
    return Path(tempfile.mkdtemp(prefix="grader-", dir=parent)).resolve()


def remove_folder(folder: Path, seconds: float = 10.0) -> bool:
    """Remove ``folder`` and all that is in it; False where that could not be done in ``seconds``.

    Folders are moved up to the top one before they are emptied, so that neither the depth of a
    tree nor the length of a path is a limit. Links are removed, not followed. Raises nothing.
    """
    try:
        if not _is_folder(folder):
            folder.unlink(missing_ok=True)
            return True
        _empty(folder, time.monotonic() + seconds)
        folder.rmdir()
    except OSError:
        return not os.path.lexists(folder)
    return True


def _is_folder(path: Path | os.DirEntry[str]) -> bool:
    return stat.S_ISDIR(path.stat(follow_symlinks=False).st_mode)


def _empty(top: Path, deadline: float) -> None:
    names = (top / f".grader-{number}" for number in itertools.count())
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        folder.chmod(0o700)
        with os.scandir(folder) as entries:
            folders = [entry for entry in entries if not _unlinked(entry, deadline)]
        for entry in folders:
            waiting.append(_moved(Path(entry.path), names) if folder != top else Path(entry.path))
        if folder != top:
            folder.rmdir()
        if time.monotonic() > deadline:
            raise TimeoutError


def _unlinked(entry: os.DirEntry[str], deadline: float) -> bool:
    if time.monotonic() > deadline:
        raise TimeoutError
    if entry.is_dir(follow_symlinks=False):
        return False
    Path(entry.path).unlink(missing_ok=True)
    return True


def _moved(folder: Path, names: Iterator[Path]) -> Path:
    folder.chmod(0o700)
    target = next(name for name in names if not os.path.lexists(name))
    return folder.rename(target)
