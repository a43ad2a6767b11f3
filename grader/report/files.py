"""Writing reports: whole or not at all, and with one clear line where it cannot be done."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from grader.errors import AlreadyThere, UsageError


def check_writable(path: Path) -> None:
    """Refuse a file that could not be written, before any work is done for it.

    Raises:
        UsageError: it is a folder, or its folder is missing or closed to us.
    """
    if path.is_dir():
        raise UsageError(f"Cannot write '{path}': it is a folder. Name a file, like {path}/out.html.")
    folder = path.parent
    if not folder.is_dir():
        raise UsageError(f"Cannot write '{path}': there is no folder '{folder}'. Make it first.")
    if not os.access(folder, os.W_OK | os.X_OK) or (path.exists() and not os.access(path, os.W_OK)):
        raise UsageError(f"Cannot write '{path}': permission denied. Name another place.")


def write(path: Path, content: str | bytes) -> None:
    """Write a whole file at once.

    Raises:
        UsageError: the disk is full, the folder is gone, or it is not ours to write.
    """
    with replacing(path) as file:
        file.write(content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content)


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Write aside and rename at the end, so that nobody ever reads half a file.

    Raises:
        UsageError: the disk is full, the folder is gone, or it is not ours to write.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with aside.open("w+b") as file:
            yield file
        aside.replace(path)
    except OSError as error:
        raise UsageError(f"Cannot write '{path}': {error.strerror or error}.") from error
    finally:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)


def copy_new(source: Path, target: Path) -> None:
    """Copy a file to where none is, making the folder.

    Raises:
        AlreadyThere: there is a file already, which is left as it is.
        UsageError: none can be made.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            file.write(source.read_bytes())
    except FileExistsError:
        raise AlreadyThere(
            f"'{target}' cannot be made: a file is there already, and is left as it is. Move it"
            " away, or name another folder."
        ) from None
    except OSError as error:
        raise UsageError(f"Cannot write '{target}': {error.strerror or error}.") from error
