"""Level 0: what the kernel holds one process to on any system."""

from __future__ import annotations

import contextlib
import math
import os
import resource
import time
from typing import Any

from grader.child.kernel import PR_SET_DUMPABLE, hide_from_others, prctl

_REPORT_BYTES = 256 * 1024**2
"""Kept back from the submission's memory, so that the run that used it all can still be told."""


def limit(limits: dict[str, Any]) -> None:
    """Set every limit of a run on this process, the one on threads aside."""
    _die_first()
    if limits["memory_bytes"] is not None:
        _limit_memory(limits["memory_bytes"])
    most = limits["cpu_seconds"] * (2 if limits["runs_on"] else 1)
    _limit(resource.RLIMIT_CPU, limits["cpu_seconds"], most + 1)
    _limit(resource.RLIMIT_FSIZE, limits["file_bytes"])
    _limit(resource.RLIMIT_NOFILE, limits["open_files"])
    _limit(resource.RLIMIT_CORE, 0)


def limit_processes(count: int, alone: bool) -> None:
    """At most ``count`` processes and threads more than there are now.

    The kernel counts a user's, not a process's: exact where the run is ``alone`` as its user. Else all
    that the machine runs at this moment is added, so that a desktop's hundred threads leave room for ours.
    Root is not bound by it at all.
    """
    _limit(resource.RLIMIT_NPROC, count if alone else count + _tasks())


def _read(path: str) -> bytes:
    """Of a file that the kernel makes: a page at most."""
    file = os.open(path, os.O_RDONLY)
    try:
        return os.read(file, 4096)
    finally:
        os.close(file)


def _tasks() -> int:
    """The processes and threads of the whole machine; 2000 where it is not told."""
    try:
        return int(_read("/proc/loadavg").split()[3].partition(b"/")[2])
    except (FileNotFoundError, IndexError, ValueError):
        return 2000


def _die_first() -> None:
    """Where memory runs out for all, this process goes first, not the grader."""
    prctl(PR_SET_DUMPABLE, 1)  # else the file is root's
    with contextlib.suppress(OSError):
        file = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
        try:
            os.write(file, b"1000")
        finally:
            os.close(file)
    hide_from_others()


def _limit_memory(size: int) -> None:
    """Of addresses, beyond what the warm process has mapped; only Linux says how much that is."""
    with contextlib.suppress(FileNotFoundError):
        pages = int(_read("/proc/self/statm").split()[0])
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


def allow_another(limits: dict[str, Any]) -> bool:
    """Give a process that was held to ``limits`` as much again for its next run; False where the processor's
    time that it may have in all is too far gone for that."""
    used = math.ceil(time.process_time())
    if used > limits["cpu_seconds"]:
        return False
    _limit(resource.RLIMIT_CPU, used + limits["cpu_seconds"], resource.getrlimit(resource.RLIMIT_CPU)[1])
    if limits["memory_bytes"] is not None:
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        if hard != resource.RLIM_INFINITY:
            _limit(resource.RLIMIT_AS, hard - _REPORT_BYTES, hard)
    return True
