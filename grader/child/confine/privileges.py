"""As root: another user for a run, one that owns nothing but the run's folder."""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from grader.child.confine.seccomp import MACHINES
from grader.child.confine.syscalls import CAPSET
from grader.child.kernel import LINUX, MACHINE, PR_SET_KEEPCAPS, prctl, syscall

FIRST_USER = 2_000_000_000
"""Far above what systems hand out; each warm process has a user of its own, so that the submissions that
are graded side by side are strangers to each other too."""
NOBODY = 65534
"""Where the high one is not to be had: in a container that maps few users."""

_VERSION_3 = 0x20080522
_READ_ANYTHING = 1 << 2  # CAP_DAC_READ_SEARCH


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Sets(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def user_for(warm: int) -> int:
    """The user that the runs of the warm process ``warm`` are given."""
    return FIRST_USER + warm


def drop(folder: str, warm: int, keep_reading: bool) -> bool:
    """From root to a user of the run's own, to whom ``folder`` then belongs; False where none can be had.

    ``keep_reading`` keeps one capability, to read what lies in folders that only root may enter (a Python
    below /root): Landlock then says which files those are. Only Linux has such a thing.
    """
    if keep_reading and not LINUX:
        return False
    wanted = next(filter(_become_group, (user_for(warm), NOBODY)), None)
    if wanted is not None:
        os.chown(folder, wanted, wanted)
        prctl(PR_SET_KEEPCAPS, 1 if keep_reading else 0)
        os.setreuid(wanted, wanted)
    set_capabilities(_READ_ANYTHING if keep_reading else 0)
    return wanted is not None


def _become_group(number: int) -> bool:
    """Whether this system has such a user and group at all."""
    try:
        os.setgroups([])
        os.setregid(number, number)
    except OSError:
        return False
    return True


def set_capabilities(kept: int) -> None:
    """Give up every capability but ``kept``. Raises OSError."""
    if not LINUX or MACHINE not in MACHINES:
        return
    header = _Header(_VERSION_3, 0)
    sets = (_Sets * 2)(_Sets(kept, kept, 0), _Sets(0, 0, 0))
    syscall(CAPSET[MACHINES[MACHINE][0]], ctypes.byref(header), sets)


def closed_to_others(paths: Iterable[str]) -> bool:
    """Whether a user who owns nothing could not come to one of the paths."""
    return any(not _is_open(Path(path)) for path in paths)


def _is_open(path: Path) -> bool:
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in path.resolve().parents if folder.exists())
