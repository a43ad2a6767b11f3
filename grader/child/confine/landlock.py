"""Which files a run may touch, held by the kernel's Landlock: a list of what is allowed, nothing else.

What a kernel offers grows with its ABI: 1 (5.13) reading, writing and making files; 3 truncating them;
4 TCP; 5 device commands; 6 signals and abstract Unix sockets, none of which may leave the run.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path

from grader.child.confine.syscalls import (
    LANDLOCK_ADD_RULE,
    LANDLOCK_CREATE_RULESET,
    LANDLOCK_RESTRICT_SELF,
)
from grader.child.kernel import syscall

_ASK_VERSION = 1
_BENEATH = 1

_EXECUTE, _WRITE, _READ, _LIST = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_FOLDER, _REMOVE_FILE, _MAKE_FOLDER, _MAKE_FILE = 1 << 4, 1 << 5, 1 << 7, 1 << 8
_MAKE_PIPE, _MAKE_LINK, _MOVE, _TRUNCATE, _DEVICE = 1 << 10, 1 << 12, 1 << 13, 1 << 14, 1 << 15
_OF_A_FILE = _EXECUTE | _WRITE | _READ | _TRUNCATE | _DEVICE

READING = _READ | _LIST
LISTING = _LIST
WRITING = (
    READING | _WRITE | _REMOVE_FOLDER | _REMOVE_FILE | _MAKE_FOLDER | _MAKE_FILE | _MAKE_PIPE | _MAKE_LINK
    | _MOVE | _TRUNCATE
)  # fmt: skip
USING = READING | _WRITE | _DEVICE
"""A device that is opened, written to and given commands: an accelerator's."""

_FILES = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_ALL_TCP = 0b11
_ALL_SCOPES = 0b11


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("tcp", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


Allowed = Sequence[tuple[str, int]]
"""Paths, and what is allowed on and beneath each."""


def abi() -> int:
    """Which Landlock this kernel has; 0 where it has none, or has it switched off."""
    try:
        return syscall(LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_VERSION)
    except OSError:
        return 0


def ruleset(allowed: Iterable[tuple[str, int]]) -> int:
    """A descriptor of the rules; paths that are not there are left out. Raises OSError."""
    version = abi()
    files = _FILES[max(known for known in _FILES if known <= max(version, 1))]
    asked = _Ruleset(files, _ALL_TCP if version >= 4 else 0, _ALL_SCOPES if version >= 6 else 0)
    size = 8 if version < 4 else 16 if version < 6 else 24
    rules = syscall(LANDLOCK_CREATE_RULESET, ctypes.byref(asked), ctypes.c_size_t(size), 0)
    for path, access in allowed:
        with contextlib.suppress(FileNotFoundError, PermissionError, NotADirectoryError):
            _allow(rules, path, access & files)
    return rules


def _allow(rules: int, path: str, access: int) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            access &= _OF_A_FILE
        if access:
            rule = _Beneath(access, descriptor)
            syscall(LANDLOCK_ADD_RULE, rules, _BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(descriptor)


def restrict(rules: int) -> None:
    """Hold this process to the rules from now on, and close them. Raises OSError."""
    try:
        syscall(LANDLOCK_RESTRICT_SELF, rules, 0)
    finally:
        os.close(rules)


def without(root: str, hidden: Sequence[str]) -> list[tuple[str, int]]:
    """Reading below ``root``, but not below what is hidden, of which only names can be seen."""
    inside = [path for path in hidden if Path(path).is_relative_to(root)]
    if not inside:
        return [(root, READING)]
    if root in inside or not os.path.isdir(root):  # noqa: PTH112 - texts, as everywhere here
        return []
    rules = [(root, LISTING)]
    with os.scandir(root) as entries:
        for entry in entries:
            rules += without(entry.path, inside)
    return rules
