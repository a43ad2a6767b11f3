"""Level 2: a root, a network, a name and messages of the run's own, where the host lets it have them.

The root is an empty disk in memory. On it are, to be read and no more, the libraries and a few devices at
their usual places, and the run's folder, which holds so many bytes and no more. There is no /proc, so there
are no other processes to be seen. As an ordinary user this takes a user namespace.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable
from pathlib import Path

from grader.child.confine import privileges
from grader.child.confine.layout import Layout
from grader.child.confine.seccomp import MACHINES
from grader.child.confine.syscalls import NUMBERS
from grader.child.kernel import (
    MACHINE,
    PR_SET_DUMPABLE,
    Missing,
    hide_from_others,
    mount,
    prctl,
    syscall,
    unshare,
)

_NEW_MOUNTS, _NEW_NAME, _NEW_MESSAGES, _NEW_USER, _NEW_NETWORK = (
    0x20000, 0x4000000, 0x8000000, 0x10000000, 0x40000000,
)  # fmt: skip
_BIND, _RECURSIVE, _PRIVATE = 0x1000, 0x4000, 0x40000
_NO_SUID, _NO_DEVICES = 2, 4
_DETACH = 2
_READ_ONLY, _HERE, _WITH_ALL_BELOW = 1, -100, 0x8000


class _Attributes(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "user"))


def enter(folder: str, shown: Layout, hidden: Iterable[str], disk_bytes: int) -> None:
    """Go into namespaces where there is ``folder``, and ``shown`` without ``hidden``. Raises OSError."""
    user = _new_namespaces()
    mount("none", "/", None, _RECURSIVE | _PRIVATE)
    mount("root", folder, "tmpfs", _NO_SUID | _NO_DEVICES, "size=1m,nr_inodes=4k,mode=755")
    shown.make(folder)
    os.makedirs(folder + folder, exist_ok=True)  # noqa: PTH103 - texts, as in layout.py
    for path in shown.shown:
        mount(path, folder + path, None, _BIND | _RECURSIVE)
    for path in hidden:
        _hide(folder + path)
    _make_read_only(folder)
    _make_disk(folder + folder, user, disk_bytes)
    _become_root(folder)
    os.chdir(folder)


def _new_namespaces() -> int:
    """The user that the run's folder belongs to."""
    user, group = os.geteuid(), os.getegid()
    flags = _NEW_MOUNTS | _NEW_NETWORK | _NEW_MESSAGES | _NEW_NAME
    if privileges.is_root():
        unshare(flags)
        return user
    prctl(PR_SET_DUMPABLE, 1)  # else the maps are root's to write
    unshare(flags | _NEW_USER)
    for name, text in (("setgroups", "deny"), ("uid_map", _same(user)), ("gid_map", _same(group))):
        Path(f"/proc/self/{name}").write_text(text)
    hide_from_others()
    return user


def _same(number: int) -> str:
    return f"{number} {number} 1"


def _hide(target: str) -> None:
    if os.path.isdir(target):  # noqa: PTH112 - as above
        mount("none", target, "tmpfs", _NO_SUID | _NO_DEVICES, "size=4k,mode=555")


def _make_disk(target: str, user: int, size: int) -> None:
    mount("run", target, "tmpfs", _NO_SUID | _NO_DEVICES, f"size={size},nr_inodes=3k,mode=700,uid={user}")


def _become_root(root: str) -> None:
    """``root`` in the place of the old one, which is then out of reach."""
    os.chdir(root)
    syscall(_number("pivot_root"), b".", b".")
    syscall(_number("umount2"), b".", _DETACH)
    os.chdir("/")


def _make_read_only(root: str) -> None:
    """All that is mounted there by now."""
    asked = _Attributes(_READ_ONLY, 0, 0, 0)
    size = ctypes.c_size_t(ctypes.sizeof(asked))
    syscall(_number("mount_setattr"), _HERE, root.encode(), _WITH_ALL_BELOW, ctypes.byref(asked), size)


def _number(name: str) -> int:
    column = MACHINES[MACHINE][0] if MACHINE in MACHINES else None
    number = NUMBERS[name][column] if column is not None else None
    if number is None:
        raise Missing(f"{name} is not known on {MACHINE}")
    return number
