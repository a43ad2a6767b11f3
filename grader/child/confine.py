"""What a forked child is held to by the kernel: level 0, limits on one process.

Any further level (system calls, files, namespaces) belongs into ``confine``, which runs after
everything that the grader itself needs is open, and before the first line of the submission.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

_REPORT_BYTES = 256 * 1024**2
"""Kept back from the submission's memory, so that the run that used it all can still be told."""

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38

_libc = ctypes.CDLL(None, use_errno=True)


def confine(limits: dict[str, Any]) -> None:
    """Hold this process to level 0. Every further level belongs here, after these lines."""
    if limits["memory_bytes"] is not None:
        _limit_memory(limits["memory_bytes"])
    _limit(resource.RLIMIT_CPU, limits["cpu_seconds"], limits["cpu_seconds"] + 1)
    _limit(resource.RLIMIT_FSIZE, limits["file_bytes"])
    _limit(resource.RLIMIT_NOFILE, limits["open_files"])
    _limit(resource.RLIMIT_CORE, 0)
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    # Where memory runs out for all, this process goes first, not the grader.
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def _limit_memory(size: int) -> None:
    """Of addresses, beyond what the warm process has mapped; only Linux says how much that is."""
    with contextlib.suppress(FileNotFoundError):
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        soft = pages * resource.getpagesize() + size
        _limit(resource.RLIMIT_AS, soft, soft + _REPORT_BYTES)


def _limit(kind: int, soft: int, hard: int | None = None) -> None:
    """Limits can only be lowered: one that is in force already and lower stays."""
    ceiling = resource.getrlimit(kind)[1]
    hard = soft if hard is None else hard
    if ceiling != resource.RLIM_INFINITY:
        hard = min(hard, ceiling)
    resource.setrlimit(kind, (min(soft, hard), hard))


def release_reserve() -> None:
    """Let the report use the memory that was kept back from the submission."""
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own has ended, where the system can (Linux)."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def _prctl(option: int, value: int) -> None:
    """Set a property of this process; there are none but on Linux. Raises OSError."""
    if sys.platform == "linux" and _libc.prctl(option, value, 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def die_with(parent: int) -> None:
    """Be killed when ``parent``, the process that started this one, ends; at once if it has."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
