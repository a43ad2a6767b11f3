"""What a forked child is held to by the kernel, from when the grader's own things are open and before the
first line of the submission.

    0 process      limits (limits.py), and as root another user (privileges.py)
    1 filter       and no files, calls or signals but its own (landlock.py, seccomp.py)
    2 namespaces   and a root, a network and a disk of its own (namespaces.py)

Each level holds or raises OSError: nothing here goes on with less than was asked for.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from grader.child.confine import landlock, limits, namespaces, paths, privileges, seccomp
from grader.child.confine.layout import layout
from grader.child.confine.limits import allow_another, release_reserve
from grader.child.kernel import (
    PR_SET_NO_NEW_PRIVS,
    Missing,
    adopt_orphans,
    die_with,
    hide_from_others,
    prctl,
)

__all__ = [
    "adopt_orphans",
    "allow_another",
    "confine",
    "die_with",
    "hide_from_others",
    "prepare",
    "release_reserve",
]

PROCESS, FILTER, NAMESPACES = 0, 1, 2


def prepare() -> None:
    """Find, once in the warm process, what every run will be allowed to read and to call."""
    hide_from_others()
    paths.allowed("/", accelerator=False)
    layout(paths.shown())
    with contextlib.suppress(Missing):
        seccomp.prepare()


def confine(warm: int, folder: str, given: dict[str, Any]) -> None:
    """Hold this process to ``given["level"]``; ``warm`` is the process that it was forked from."""
    level = given["level"]
    limits.limit(given)
    if level >= NAMESPACES:
        shown = layout(paths.shown())
        with _named("namespaces cannot be made here"):
            namespaces.enter(folder, shown, paths.hidden(), given["disk_bytes"])
    with _named("this kernel has no Landlock"):
        rules = _rules(level, folder, given["accelerator"])
    alone = _give_up_rights(level, warm, folder)
    die_with(warm)
    limits.limit_processes(given["processes"], alone)
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    if rules is not None:
        landlock.restrict(rules)
    if level >= FILTER:
        with _named("system calls cannot be filtered here"):
            seccomp.apply(os.getpid())


@contextlib.contextmanager
def _named(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OSError(error.errno or 0, f"{what}: {error.strerror or error}") from error


def _rules(level: int, folder: str, accelerator: bool) -> int | None:
    """Landlock's, made while this process may still open every path. A private root does without."""
    if level < FILTER or (level >= NAMESPACES and not landlock.abi()):
        return None
    return landlock.ruleset(paths.allowed(folder, accelerator))


def _give_up_rights(level: int, warm: int, folder: str) -> bool:
    """Whether the run is now alone as a user of its own."""
    if privileges.is_root():
        closed = level < NAMESPACES and _is_closed(str(Path(folder).parent))
        return privileges.drop(folder, warm, keep_reading=closed)
    if level >= NAMESPACES:
        privileges.set_capabilities(0)
    return False


@cache
def _is_closed(home: str) -> bool:
    return privileges.closed_to_others([*paths.libraries(), f"{home}/folder"])
