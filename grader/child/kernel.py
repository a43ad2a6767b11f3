"""The few calls to the kernel that Python has no function for. Each raises OSError where it fails."""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import sys

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_KEEPCAPS = 8
PR_SET_SECCOMP = 22
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38

_MADV_COLLAPSE = 25

LINUX = sys.platform == "linux"
MACHINE = platform.machine()

_libc = ctypes.CDLL(None, use_errno=True) if os.name == "posix" else None


class Missing(OSError):
    """The kernel, or this kind of machine, has no such thing."""


def prctl(option: int, value: int = 0, pointer: object = 0) -> None:
    """Set a property of this process; there are none but on Linux."""
    if LINUX:
        _checked("prctl", option, ctypes.c_ulong(value), pointer, 0, 0)


def syscall(number: int, *arguments: object) -> int:
    """A system call by its number."""
    if not LINUX:
        raise Missing("there is no such call but on Linux")
    return _checked("syscall", ctypes.c_long(number), *arguments)


def mount(source: str, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    """mount(2)."""
    texts = [text.encode() if text is not None else None for text in (source, target, kind, options)]
    _checked("mount", *texts[:3], ctypes.c_ulong(flags), texts[3])


def unshare(flags: int) -> None:
    """unshare(2)."""
    _checked("unshare", flags)


def collapse(start: int, size: int) -> None:
    """Gather memory on large pages: madvise(2), MADV_COLLAPSE."""
    _checked("madvise", ctypes.c_void_p(start), ctypes.c_size_t(size), _MADV_COLLAPSE)


def _checked(name: str, *arguments: object) -> int:
    if _libc is None:
        raise Missing("there is no C library to call")
    result: int = getattr(_libc, name)(*arguments)
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own has ended, where the system can (Linux)."""
    prctl(PR_SET_CHILD_SUBREAPER, 1)


def hide_from_others() -> None:
    """Let no other process of this user look into this one, or trace it (Linux)."""
    prctl(PR_SET_DUMPABLE, 0)


def die_with(parent: int) -> None:
    """Be killed when ``parent``, the process that started this one, ends; at once if it has.

    A change of user takes this back: it is said again after one.
    """
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
