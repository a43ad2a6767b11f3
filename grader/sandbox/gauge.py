"""What a run uses that no limit of the kernel counts for one run alone: threads, and bytes on the disk."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Literal

from grader.records import Limits

MOST_FILES = 2500
"""More files than this are too many, however small."""

Over = Literal["processes", "disk"]


def over(pid: int, folder: Path, limits: Limits) -> Over | None:
    """Which of the two limits a run has passed, if any."""
    if threads(pid) > limits.processes:
        return "processes"
    size, files = written(folder, limits.disk_bytes)
    return "disk" if size > limits.disk_bytes or files > MOST_FILES else None


def threads(pid: int) -> int:
    """Of a process; 0 where the system does not tell, or it has ended."""
    if sys.platform != "linux":
        return 0
    try:
        status = Path(f"/proc/{pid}/status").read_text(errors="replace")
    except OSError:
        return 0
    found = [line for line in status.splitlines() if line.startswith("Threads:")]
    return int(found[0].split()[1]) if found else 0


def written(folder: Path, enough: int) -> tuple[int, int]:
    """The bytes on the disk below ``folder`` and the files; it stops counting where either is too much.

    A file that was removed while it is open is not seen; the limits on open files and on the size of each
    bound those.
    """
    total = files = 0
    waiting = [str(folder)]
    while waiting:
        try:
            entries = os.scandir(waiting.pop())
        except OSError:  # closed to us, or gone meanwhile
            continue
        with entries:
            for entry in entries:
                total += _size(entry)
                files += 1
                if total > enough or files > MOST_FILES:
                    return total, files
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
    return total, files


def _size(entry: os.DirEntry[str]) -> int:
    try:
        return entry.stat(follow_symlinks=False).st_blocks * 512
    except OSError:  # gone meanwhile
        return 0
